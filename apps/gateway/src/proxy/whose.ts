import type { ScopeKind } from '@tollgate/contracts/limits';

/** A scope as its limits are told of to who holds the key, amid a sentence and at its beginning. */
export const WHOSE: Readonly<Record<ScopeKind, string>> = {
  key: 'this API key',
  team: "this API key's team",
  organization: 'the organization that this API key is of',
};

export const whoseAtFirst = (kind: ScopeKind): string => WHOSE[kind].replace(/^t/, 'T');
