import { type ModelPrice, priceTier } from '@tollgate/domain/admission/price';
import { ConfigError } from '@tollgate/service-kit/config';
import { readJsonFile } from '@tollgate/service-kit/json-file';
import { z } from 'zod';
import { catalogVersion, historyOf, isListed, listedModels } from './catalog.ts';
import type { PriceHistory } from './price-history.ts';
import { hasPrices, type Override, type PricedOverride, readOverrides } from './price-overrides.ts';

/** No model has a longer name; a longer one is not looked up. */
const MAX_NAME_LENGTH = 256;
/** Names come from clients: so many are remembered for each provider. */
const MAX_REMEMBERED = 4_096;

/** `gpt-4o-mini-2024-07-18` and `claude-sonnet-4-5-20250929` are overridden as what is before their date. */
const SNAPSHOT = /-\d{4}-?\d{2}-?\d{2}$/;

/** What models cost, under one version that every usage record names. */
export interface PriceBook {
  /** The catalog's package and version, and a hash of the file that overrides it. */
  readonly version: string;
  /**
   * The price of a provider's model at an instant (ms since 1970); `null` where it has none.
   * @param provider its name in the providers' file
   */
  priceOf(provider: string, model: string, atMs: number): ModelPrice | null;
  /** The models of a provider that are known to have a price, by name. */
  modelsOf(provider: string): string[];
}

/** A provider as far as its prices go. */
export interface PricedProvider {
  readonly name: string;
  /** The catalog's id of whoever sets its prices, where that is not its name. */
  readonly catalog?: string | undefined;
}

const providersFile = z.object({
  providers: z.array(z.object({ name: z.string(), catalog: z.string().optional() })),
});

/** Reads of the providers' file what prices need of it. @throws ConfigError */
export const readPricedProviders = (path: string): PricedProvider[] =>
  readJsonFile(path, providersFile, 'TOLLGATE_PROVIDERS').providers;

/** Reads the catalog and the file that overrides it, once and without network. @throws ConfigError */
export function readPriceBook(path: string, providers: readonly PricedProvider[] = []): PriceBook {
  const overrides = readOverrides(path);
  for (const { name, catalog } of providers) {
    if (catalog !== undefined && !isListed(catalog)) {
      throw new ConfigError(`provider ${name}: the price catalog has no provider "${catalog}".`);
    }
  }
  return new CatalogPriceBook(
    `${catalogVersion()}+${overrides.hash}`,
    overrides.models,
    new Map(providers.map(({ name, catalog = name }) => [name, catalog])),
  );
}

/** A model's price over time, or `null` where it has none. */
type Prices = ((atMs: number) => ModelPrice | null) | null;

class CatalogPriceBook implements PriceBook {
  private readonly remembered = new Map<string, Map<string, Prices>>();

  constructor(
    readonly version: string,
    private readonly overrides: ReadonlyMap<string, Override>,
    private readonly catalogs: ReadonlyMap<string, string>,
  ) {}

  priceOf(provider: string, model: string, atMs: number): ModelPrice | null {
    const known = this.rememberedOf(provider);
    let prices = known.get(model);
    if (prices === undefined) {
      if (model.length > MAX_NAME_LENGTH) return null;
      prices = this.find(provider, model);
      if (known.size >= MAX_REMEMBERED) known.delete(known.keys().next().value!);
      known.set(model, prices);
    }
    return prices?.(atMs) ?? null;
  }

  modelsOf(provider: string): string[] {
    const prefix = `${provider}/`;
    const named: string[] = [];
    for (const [name, own] of this.overrides) {
      if (!hasPrices(own)) continue;
      if (name.startsWith(prefix)) named.push(name.slice(prefix.length));
      else if (!name.includes('/')) named.push(name);
    }
    const catalog = this.catalogOf(provider);
    return [...new Set([...named, ...(catalog === null ? [] : listedModels(catalog, Date.now()))])].sort();
  }

  private find(provider: string, model: string): Prices {
    const history = this.listedFor(provider, model);
    const own = this.overrideOf(provider, model, history);
    if (own && hasPrices(own)) {
      const price = overriding(own);
      return () => price;
    }
    return history && own ? bounded(history, own) : history && ((atMs) => history.at(atMs));
  }

  private overrideOf(provider: string, model: string, history: PriceHistory | null): Override | undefined {
    const named = this.overrideNamed(provider, model);
    const undated = model.replace(SNAPSHOT, '');
    if (named || undated === model) return named;
    // A snapshot that the catalog lists by itself is a model of its own.
    const listed = this.listedFor(provider, undated);
    return history && listed && history !== listed ? undefined : this.overrideNamed(provider, undated);
  }

  private overrideNamed(provider: string, model: string): Override | undefined {
    return (
      this.overrides.get(`${provider}/${model}`) ??
      (model.includes('/') ? undefined : this.overrides.get(model))
    );
  }

  private listedFor(provider: string, model: string): PriceHistory | null {
    const catalog = this.catalogOf(provider);
    return catalog === null ? null : historyOf(catalog, model);
  }

  private rememberedOf(provider: string): Map<string, Prices> {
    const known = this.remembered.get(provider);
    if (known) return known;
    const none = new Map<string, Prices>();
    this.remembered.set(provider, none);
    return none;
  }

  private catalogOf(provider: string): string | null {
    const id = this.catalogs.get(provider) ?? provider;
    return isListed(id) ? id : null;
  }
}

function overriding(own: PricedOverride): ModelPrice {
  const { input, output, cached_input: cachedInput = input, cache_write: cacheWrite = input } = own;
  return {
    tiers: [priceTier(0, { input, cachedInput, cacheWrite, output })],
    perRequest: 0n,
    maxOutputTokens: own.max_output_tokens ?? null,
    contextWindow: own.context_window ?? null,
  };
}

/** The catalog's prices with bounds of the file's. */
function bounded(history: PriceHistory, own: Override): Prices {
  const prices = new Map<ModelPrice, ModelPrice>();
  return (atMs) => {
    const listed = history.at(atMs);
    if (!listed) return null;
    let price = prices.get(listed);
    if (!price) {
      const contextWindow = own.context_window ?? listed.contextWindow;
      price = { ...listed, maxOutputTokens: own.max_output_tokens ?? null, contextWindow };
      prices.set(listed, price);
    }
    return price;
  };
}
