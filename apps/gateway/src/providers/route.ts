import { TollgateError } from '@tollgate/contracts/errors';
import type { Protocol } from '../call/endpoints.ts';
import type { Provider, Providers } from './providers.ts';

/** A provider that can serve a request, and its name for the model. */
export interface Candidate {
  readonly provider: Provider;
  readonly model: string;
}

/** No model is called otherwise: letters, digits and `._:@+-`, in parts with slashes between. */
const PLAUSIBLE = /^(?!.*\.\.)[\w:@+-][\w.:@+-]*(\/[\w:@+-][\w.:@+-]*)*$/;

export const matches = (pattern: string, name: string): boolean =>
  pattern === name || (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1)));

/**
 * Where a model is served: `provider/model` names the provider, a bare name goes to the first in the file that
 * lists it. The model's fallbacks follow, as far as they speak the same protocol.
 * @throws TollgateError `model_not_found`
 */
export function candidatesFor(providers: Providers, protocol: Protocol, name: string): Candidate[] {
  const first = PLAUSIBLE.test(name) ? candidateFor(providers, protocol, name) : null;
  if (!first) {
    throw new TollgateError(
      'model_not_found',
      `No provider here serves the model "${name.slice(0, 100)}" on this endpoint. GET /v1/models lists those you may use.`,
      { param: 'model' },
    );
  }
  const fallbacks = providers.fallbacks.get(name) ?? providers.fallbacks.get(first.model) ?? [];
  const others = fallbacks.map((fallback) => candidateFor(providers, protocol, fallback));
  return [first, ...others.filter((candidate) => candidate !== null)];
}

function candidateFor({ list }: Providers, protocol: Protocol, name: string): Candidate | null {
  const slash = name.indexOf('/');
  const named = slash === -1 ? undefined : list.find((provider) => provider.name === name.slice(0, slash));
  const model = named ? name.slice(slash + 1) : name;
  for (const provider of named ? [named] : list) {
    if (provider.protocol !== protocol) continue;
    if (provider.models.some((pattern) => matches(pattern, model))) return { provider, model };
  }
  return null;
}
