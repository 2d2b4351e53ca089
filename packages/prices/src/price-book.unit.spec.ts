import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calcPrice, findProvider } from '@pydantic/genai-prices';
import { formatUsd, scaled } from '@tollgate/contracts/money';
import { costOf, dearest } from '@tollgate/domain/admission/price';
import { ConfigError } from '@tollgate/service-kit/config';
import fc from 'fast-check';
import { readListedPrice } from './listed-price.ts';
import { type PricedProvider, readPriceBook } from './price-book.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-prices-'));
afterAll(() => rmSync(folder, { recursive: true }));

function bookOf(models: object, providers: PricedProvider[] = []) {
  const file = join(folder, 'prices.json');
  writeFileSync(file, JSON.stringify({ models }));
  return readPriceBook(file, providers);
}
const at = (instant: string) => Date.parse(instant);
const NOW = at('2026-11-23T12:00:00Z');
const none = { input: 0, cached_input: 0, cache_write: 0, output: 0, reasoning: 0, total: 0 };
const MILLION = 1_000_000;
const million = (part: 'input' | 'cached_input' | 'cache_write' | 'output') =>
  part === 'output'
    ? { ...none, input: 1, output: MILLION, total: MILLION + 1 }
    : { ...none, [part]: MILLION, total: MILLION };

describe('the price of a model', () => {
  const book = bookOf({});
  const usd = (provider: string, model: string, part: Parameters<typeof million>[0], ms = NOW) => {
    const price = book.priceOf(provider, model, ms);
    return (
      price &&
      formatUsd(
        costOf(million(part), { ...price, perRequest: 0n }) - (part === 'output' ? price.tiers[0].input : 0n),
      )
    );
  };

  it.each([
    ['openai', 'gpt-4o-mini', '0.15', '0.075', '0.15', '0.60'],
    ['openai', 'gpt-4o-mini-2024-07-18', '0.15', '0.075', '0.15', '0.60'],
    ['openai', 'text-embedding-3-small', '0.02', '0.02', '0.02', '0.00'],
    ['groq', 'openai/gpt-oss-20b', '0.075', '0.0375', '0.075', '0.30'],
  ])('of %s %s is the catalog’s, with a missing class at the price of input', (provider, model, ...usds) => {
    const parts = ['input', 'cached_input', 'cache_write', 'output'] as const;
    expect(parts.map((part) => usd(provider, model, part))).toEqual(usds);
  });

  it('changes with the size of the input, just above the tier’s start', () => {
    const price = book.priceOf('anthropic', 'claude-sonnet-4-5-20250929', NOW)!;
    const cost = (input: number) =>
      formatUsd(costOf({ ...none, input, output: 1_000, total: input + 1_000 }, price));
    expect(cost(200_000)).toBe('0.615');
    expect(cost(200_001)).toBe('1.222506');
    expect(formatUsd(dearest(price).input * 1_000_000n)).toBe('12.00');
  });

  it('changes on the day it says', () => {
    expect(usd('openai', 'o3', 'output', at('2025-06-09T23:59:59.999Z'))).toBe('40.00');
    expect(usd('openai', 'o3', 'output', at('2025-06-10T00:00:00Z'))).toBe('8.00');
  });

  it.each([
    ['00:59:59.999', '1.98'],
    ['01:00:00.000', '3.96'],
    ['03:59:59.999', '3.96'],
    ['04:00:00.000', '1.98'],
    ['09:59:59.999', '3.96'],
    ['23:00:00.000', '1.98'],
  ])('follows daily windows: output at %s UTC is %s', (time, expected) => {
    expect(usd('deepseek', 'deepseek-v4-pro', 'output', at(`2026-11-23T${time}Z`))).toBe(expected);
  });

  it('includes what a request costs by itself', () => {
    expect(formatUsd(book.priceOf('perplexity', 'sonar', NOW)!.perRequest)).toBe('0.012');
  });

  it.each([
    ['a model its provider does not list', 'openai', 'claude-sonnet-4-5'],
    ['a provider the catalog does not list', 'our-own-openai', 'gpt-4o'],
    ['a model that is billed by the hour of sound', 'openai', 'whisper-1'],
    ['a name that is too long to be one', 'openai', `gpt-4o-${'x'.repeat(300)}`],
    ['a name of JavaScript’s own', 'openai', '__proto__'],
  ])('is unknown for %s', (_, provider, model) => {
    expect(book.priceOf(provider, model, NOW)).toBeNull();
  });

  it('stays known while strangers’ names pass by, and costs no memory for each', () => {
    const price = book.priceOf('openai', 'gpt-4o', NOW);
    for (let i = 0; i < 10_000; i += 1) expect(book.priceOf('openai', `no-such-model-${i}`, NOW)).toBeNull();
    expect(book.priceOf('openai', 'gpt-4o', NOW)).toBe(price);
    const kept = (book as unknown as { remembered: Map<string, Map<string, unknown>> }).remembered;
    expect(kept.get('openai')!.size).toBeLessThanOrEqual(4_096);
  });

  it('comes from another provider’s list only where the configuration says so', () => {
    const providers = [{ name: 'eu-openai', catalog: 'openai' }, { name: 'mirror' }];
    const named = bookOf({}, providers);
    expect(named.priceOf('eu-openai', 'gpt-4o', NOW)).toEqual(book.priceOf('openai', 'gpt-4o', NOW));
    expect(named.priceOf('mirror', 'gpt-4o', NOW)).toBeNull();
    expect(() => bookOf({}, [{ name: 'mirror', catalog: 'opanai' }])).toThrow(ConfigError);
  });

  it('agrees with the catalog’s own calculation for every model it lists, at several instants', () => {
    const ids = [
      'anthropic',
      'openai',
      'google',
      'azure',
      'deepseek',
      'mistral',
      'groq',
      'openrouter',
      'x-ai',
    ];
    const counts = {
      input: 150_000,
      cached_input: 90_000,
      cache_write: 40_000,
      output: 7_000,
      reasoning: 0,
      total: 287_000,
    };
    const usage = {
      input_tokens: 280_000,
      cache_read_tokens: 90_000,
      cache_write_tokens: 40_000,
      output_tokens: 7_000,
    };
    let compared = 0;
    for (const id of ids) {
      for (const model of findProvider({ providerId: id })!.models) {
        for (const instant of ['2025-01-01T02:00:00Z', '2026-11-23T12:00:00Z', '2027-06-01T23:30:00Z']) {
          const theirs = calcPrice(usage, model.id, { providerId: id, timestamp: new Date(instant) });
          const ours = book.priceOf(id, model.id, at(instant));
          const beside = Object.keys(theirs?.model_price ?? {}).some((key) =>
            /^output_(image|video)/.test(key),
          );
          if (!theirs || !ours || beside) continue;
          compared += 1;
          const cost = Number(costOf(counts, ours)) / 1e12;
          expect([id, model.id, instant, Math.abs(cost - theirs.total_price) < 1e-6]).toEqual([
            id,
            model.id,
            instant,
            true,
          ]);
        }
      }
    }
    expect(compared).toBeGreaterThan(2_000);
  });

  it('never falls where the input grows, in any list of the catalog', () => {
    for (const id of ['anthropic', 'openai', 'google', 'openrouter', 'x-ai']) {
      for (const model of book.modelsOf(id)) {
        const { tiers } = book.priceOf(id, model, NOW) ?? { tiers: [] };
        for (const [index, tier] of tiers.slice(1).entries()) {
          const before = tiers[index]!;
          expect([id, model, tier.input >= before.input && tier.output >= before.output]).toEqual([
            id,
            model,
            true,
          ]);
        }
      }
    }
  });
});

describe('the file that overrides the catalog', () => {
  it('goes before the catalog, by provider and model or for every provider', () => {
    const book = bookOf({
      'openai/gpt-4o': {
        input: '1.00',
        output: '2.00',
        cached_input: '0.5',
        max_output_tokens: 100,
        context_window: 200,
      },
      'our-model': { input: 3, output: '4' },
    });
    const price = book.priceOf('openai', 'gpt-4o', NOW)!;
    expect(price.tiers[0]).toMatchObject({
      input: 1_000_000n,
      cachedInput: 500_000n,
      cacheWrite: 1_000_000n,
      output: 2_000_000n,
    });
    expect(price).toMatchObject({ maxOutputTokens: 100, contextWindow: 200 });
    expect(book.priceOf('anyone', 'our-model', NOW)!.tiers[0].output).toBe(4_000_000n);
    expect(book.priceOf('openrouter', 'openai/gpt-4o', NOW)!.tiers[0].output).toBe(10_000_000n);
    expect(book.modelsOf('anyone')).toEqual(['our-model']);
    expect(book.modelsOf('openai')).toEqual(expect.arrayContaining(['our-model', 'gpt-4o', 'o3']));
  });

  it('holds for the dated names of a model, but not for one that the catalog prices by itself', () => {
    const book = bookOf({ 'openai/gpt-4o': { input: '1', output: '1' }, mine: { input: '7', output: '7' } });
    const output = (model: string) => book.priceOf('openai', model, NOW)!.tiers[0].output;
    expect(output('gpt-4o-2024-08-06')).toBe(1_000_000n);
    expect(output('gpt-4o-2024-05-13')).toBe(15_000_000n);
    expect(output('mine-20260101')).toBe(7_000_000n);
  });

  it('may add a bound and leave the prices to the catalog', () => {
    const book = bookOf({ 'openai/gpt-4o-mini': { max_output_tokens: 16_384 } });
    const price = book.priceOf('openai', 'gpt-4o-mini', NOW)!;
    expect(price).toMatchObject({ maxOutputTokens: 16_384, contextWindow: 128_000 });
    expect(price.tiers[0].input).toBe(150_000n);
    expect(book.priceOf('openai', 'gpt-4o-mini', NOW)).toBe(price);
  });

  it('names itself by its content in the version of the prices', () => {
    expect(bookOf({}).version).toMatch(/^genai-prices@\d+\.\d+\.\d+\+[0-9a-f]{12}$/);
    expect(bookOf({}).version).toBe(bookOf({}).version);
    expect(bookOf({ m: { input: '1', output: '1' } }).version).not.toBe(bookOf({}).version);
  });

  it.each([
    ['only one price', { m: { input: '1' } }],
    ['a price of the cache alone', { m: { cached_input: '0' } }],
    ['a negative price', { m: { input: '-1', output: '1' } }],
    ['more decimals than are exact', { m: { input: '0.0000001', output: '1' } }],
    ['an unknown field', { m: { input: '1', output: '1', inptu: '2' } }],
    ['a bound of nothing', { m: { max_output_tokens: 0 } }],
  ])('is refused with %s', (_, models) => {
    expect(() => bookOf(models)).toThrow(ConfigError);
  });

  it('is the one in this repository', () => {
    const book = readPriceBook(new URL('../../../infra/prices.json', import.meta.url).pathname);
    expect(book.priceOf('openai', 'gpt-4o-mini', NOW)).toMatchObject({ maxOutputTokens: 16_384 });
  });
});

describe('a listed price', () => {
  it.each([
    [2.5, 2_500_000n],
    [0.02, 20_000n],
    [0.000001, 1n],
    [1e-7, 0n],
    [5e-7, 1n],
    [0.18000000000000002, 180_000n],
    [0.08333333333333334, 83_333n],
    [1e21, 10n ** 27n],
    [0, 0n],
  ])('of %d USD per million tokens is %d picodollars per token', (usdPerMillion, picodollars) => {
    expect(scaled(usdPerMillion, 6)).toBe(picodollars);
  });

  it('is taken from its decimal form, not from its binary one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (millionths) => {
        const digits = String(millionths).padStart(7, '0');
        expect(scaled(Number(`${digits.slice(0, -6)}.${digits.slice(-6)}`), 6)).toBe(BigInt(millionths));
      }),
    );
  });

  it('with sound of its own prices that sound', () => {
    const price = readListedPrice(
      { input_mtok: 2.5, output_mtok: 10, input_audio_mtok: 32, output_audio_mtok: 64 },
      null,
    );
    expect(price!.tiers[0]).toMatchObject({ inputAudio: 32_000_000n, outputAudio: 64_000_000n });
  });

  it('with pictures in its output takes all output for the dearer kind, since counts do not tell them apart', () => {
    const price = readListedPrice({ input_mtok: 0.3, output_mtok: 2.5, output_image_mtok: 30 }, null);
    expect(price!.tiers[0].output).toBe(30_000_000n);
  });

  it.each([
    ['a text', { input_mtok: '1' }],
    ['negative', { input_mtok: -1 }],
    ['not finite', { input_mtok: Number.POSITIVE_INFINITY }],
    ['in tiers without a base', { input_mtok: { tiers: [] } }],
    ['for a request by tiers', { input_mtok: 1, requests_kcount: { base: 1, tiers: [] } }],
    ['for pages only', { input_document_kpages: 1 }],
  ])('is not understood where it is %s', (_, listed) => {
    expect(readListedPrice(listed as never, null)).toBeNull();
  });
});
