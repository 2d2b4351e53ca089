import type { Ask } from './ask.ts';
import { type Allowance, NO_AMOUNTS, type ScopeBook, type Share } from './book.ts';
import { decide } from './decide.ts';

const NOW = 1_800_000_000_000;
const ALL = { id: 'all', startMs: null, endMs: null };
const holder = (n: number) => ({ instance: `gateway-${n}`, incarnation: 1 });
const tokens = (count: bigint) => ({ cost: 0n, tokens: count });

const book = (of: Partial<ScopeBook> = {}): ScopeBook => ({
  limits: { cost: null, tokens: 1_000n, requests: null },
  hard: true,
  limitRevision: 1,
  generation: 0,
  settled: NO_AMOUNTS,
  allowances: [],
  shares: [],
  recalledMs: null,
  ...of,
});

const ask = (said: Partial<Ask> = {}): Ask => ({
  holder: holder(1),
  live: 1,
  period: ALL,
  periodId: 'all',
  generation: 0,
  limitRevision: 1,
  allowanceId: null,
  keeps: NO_AMOUNTS,
  uses: NO_AMOUNTS,
  needs: tokens(10n),
  requests: null,
  wants: 'part',
  ...said,
});

const held = (n: number, granted: bigint, of: Partial<Allowance> = {}): Allowance => ({
  id: `alw_${n}`,
  holder: holder(n),
  period: ALL,
  generation: 0,
  granted: tokens(granted),
  busy: tokens(granted),
  folded: NO_AMOUNTS,
  charged: NO_AMOUNTS,
  state: 'held',
  heardMs: NOW,
  ...of,
});

const share = (n: number, size: number, of: Partial<Share> = {}): Share => ({
  holder: holder(n),
  size,
  uses: size,
  heardMs: NOW,
  expiresMs: NOW + 60_000,
  ...of,
});

const decided = (b: ScopeBook, a: Ask) => {
  const {
    outcome,
    allowance,
    spendable,
    share: window,
    recalls,
    more,
    againMs,
  } = decide(b, a, 'alw_new', NOW);
  return {
    outcome,
    granted: allowance?.granted.tokens,
    spendable: spendable.tokens,
    share: window?.size,
    recalls,
    more,
    againMs,
  };
};

describe('what a gateway is granted', () => {
  it('is everything, where it is alone', () => {
    expect(decided(book({ settled: tokens(100n) }), ask())).toMatchObject({ granted: 900n, more: false });
  });

  it('is its part of what is free, among several', () => {
    const one = decided(book({ allowances: [held(2, 200n)] }), ask({ live: 4 }));
    expect(one).toMatchObject({ outcome: 'granted', granted: 200n, more: true });
  });

  it('is no less than it needs, where there is that much', () => {
    expect(decided(book(), ask({ live: 4, needs: tokens(700n) }))).toMatchObject({ granted: 700n });
  });

  it('evens out what gateways have and do not use', () => {
    const own = held(1, 400n);
    const idle = { allowanceId: own.id, keeps: tokens(400n), uses: tokens(100n), needs: NO_AMOUNTS };
    expect(decided(book({ allowances: [own] }), ask({ live: 2, ...idle }))).toMatchObject({ granted: 550n });
    expect(decided(book({ allowances: [own] }), ask({ live: 4, ...idle }))).toMatchObject({ granted: 400n });
  });

  it('is all there is where that is too little, and others use what they have', () => {
    const b = book({ settled: tokens(900n), allowances: [held(2, 95n)] });
    expect(decided(b, ask())).toMatchObject({ outcome: 'short', granted: 5n, againMs: 1_000 });
    const alone = book({ settled: tokens(995n) });
    expect(decided(alone, ask())).toMatchObject({ outcome: 'short', granted: 5n, againMs: 10_000 });
  });

  it('is nothing yet where others may have what they do not use: they are asked, once', () => {
    const b = book({ allowances: [held(2, 995n, { busy: tokens(10n) })] });
    expect(decided(b, ask())).toMatchObject({ outcome: 'waiting', recalls: true, againMs: 100 });
    expect(decided({ ...b, recalledMs: NOW }, ask())).toMatchObject({ outcome: 'waiting' });
    const asked = { ...b, allowances: [held(2, 995n, { busy: tokens(10n), heardMs: NOW - 10 })] };
    expect(decided({ ...asked, recalledMs: NOW - 5 }, ask())).toMatchObject({
      outcome: 'waiting',
      recalls: false,
    });
  });

  it('is what there is where those who were asked do not answer for a second', () => {
    const silent = held(2, 995n, { busy: tokens(10n), heardMs: NOW - 2_000 });
    const b = book({ allowances: [silent], recalledMs: NOW - 1_000 });
    expect(decided(b, ask())).toMatchObject({ outcome: 'short', granted: 5n, recalls: false });
  });

  it('is nothing where the two do not go by the same limits, generation or period', () => {
    for (const other of [
      { limitRevision: 2 },
      { limitRevision: 0 },
      { generation: 1 },
      { periodId: '2026' },
    ]) {
      expect(decided(book(), ask(other))).toMatchObject({ outcome: 'behind', granted: undefined });
    }
  });

  it('can be used no further than the limit, where that was lowered below what is held', () => {
    const own = held(1, 800n);
    const keeps = { allowanceId: own.id, keeps: tokens(800n), uses: tokens(800n) };
    const b = book({ allowances: [own], settled: tokens(300n) });
    expect(decided(b, ask({ ...keeps, needs: NO_AMOUNTS }))).toMatchObject({
      granted: 800n,
      spendable: 700n,
    });
  });

  it('of a gateway that leaves stays set aside until its records come', () => {
    const own = held(1, 400n);
    const leaving = { allowanceId: own.id, keeps: tokens(30n), uses: tokens(30n), wants: 'nothing' } as const;
    const { allowance } = decide(book({ allowances: [own] }), ask(leaving), 'alw_new', NOW);
    expect(allowance).toMatchObject({ state: 'returned', granted: tokens(30n) });
  });

  it('and never heard of is found again, and not granted twice', () => {
    const unheard = held(1, 1_000n, { id: 'alw_unheard' });
    const { allowance } = decide(book({ allowances: [unheard] }), ask(), 'alw_new', NOW);
    expect(allowance).toMatchObject({ id: 'alw_unheard', granted: tokens(1_000n) });
  });
});

describe('the share of the window', () => {
  const limits = { cost: null, tokens: null, requests: 10 };
  const requests = (keeps: number, uses: number, needs: number) => ({ requests: { keeps, uses, needs } });

  it('is what others have left, expired shares counting for 60 s', () => {
    const expired = share(2, 4, { expiresMs: NOW - 59_999 });
    const b = book({ limits, shares: [expired] });
    expect(decided(b, ask({ ...requests(0, 0, 1), needs: NO_AMOUNTS }))).toMatchObject({ share: 6 });
    const over = book({ limits, shares: [{ ...expired, expiresMs: NOW - 60_000 }] });
    expect(decided(over, ask({ ...requests(0, 0, 1), needs: NO_AMOUNTS }))).toMatchObject({ share: 10 });
  });

  it('stays as it is where nothing is said of it', () => {
    const own = share(1, 4);
    expect(decided(book({ limits, shares: [own] }), ask({ needs: NO_AMOUNTS }))).toMatchObject({ share: 4 });
  });

  it('makes room for what was admitted beyond the limit, and lets none of it be used again', () => {
    const b = book({ limits, shares: [share(2, 3)] });
    expect(decided(b, ask({ ...requests(12, 12, 1), needs: NO_AMOUNTS }))).toMatchObject({
      outcome: 'short',
      share: 7,
    });
  });
});
