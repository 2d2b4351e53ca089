import type { ModelList } from '@tollgate/contracts/gateway-http';
import type { PriceBook } from '@tollgate/prices/price-book';
import type { KeyEntry } from '../key-state/key-entry.ts';
import type { Providers } from '../providers/providers.ts';
import { matches } from '../providers/route.ts';

/**
 * The models a key may use, in a shape that clients of both protocols read: those that a provider's list names, and
 * those of the catalog that its patterns take in. A key under a cost limit is shown only what has a price.
 */
export function modelsFor(key: KeyEntry, providers: Providers, prices: PriceBook, nowMs: number): ModelList {
  const models = new Map<string, string>();
  for (const provider of providers.list) {
    const named = provider.models.filter((pattern) => !pattern.endsWith('*'));
    const priced = prices.modelsOf(provider.name);
    const matching = priced.filter((model) => provider.models.some((pattern) => matches(pattern, model)));
    for (const model of [...named, ...matching]) {
      if (models.has(model) || !key.allowsModel(model)) continue;
      const unpriced = prices.priceOf(provider.name, model, nowMs) === null;
      if (unpriced && key.allowed.costPicodollars !== null) continue;
      models.set(model, provider.name);
    }
  }
  const data = [...models].map(([id, owner]) => ({
    id,
    object: 'model' as const,
    created: 0,
    owned_by: owner,
    type: 'model' as const,
    display_name: id,
    created_at: '1970-01-01T00:00:00Z',
  }));
  return {
    object: 'list',
    data,
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
