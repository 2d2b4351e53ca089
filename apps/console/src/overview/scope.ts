import type { ScopeKind } from '@tollgate/contracts/limits';
import type { StatementQuery, UsageQuery } from '@tollgate/contracts/metering-http';
import { admin } from '../api/admin.ts';

/** Whose use is looked at. Keys, teams and the organization are asked the same questions. */
export interface Scope {
  readonly kind: ScopeKind;
  readonly id: string;
}

/** As what the answers about a scope are remembered: {@link applyEvent} forgets them by the first two. */
export const remembered = ({ kind, id }: Scope, ...what: readonly unknown[]) =>
  [kind === 'key' ? 'keys' : kind === 'team' ? 'teams' : 'organization', id, ...what] as const;

type Asked = { readonly signal: AbortSignal };

export function askUsage({ kind, id }: Scope, query: Partial<UsageQuery>, { signal }: Asked) {
  if (kind === 'key') return admin.keys.usage({ id, query, signal });
  if (kind === 'team') return admin.teams.usage({ id, query, signal });
  return admin.organization.usage({ query, signal });
}

export function askStatement({ kind, id }: Scope, query: Partial<StatementQuery>, { signal }: Asked) {
  if (kind === 'key') return admin.keys.statement({ id, query, signal });
  if (kind === 'team') return admin.teams.statement({ id, query, signal });
  return admin.organization.statement({ query, signal });
}

export function askPropagation({ kind, id }: Scope, { signal }: Asked) {
  if (kind === 'key') return admin.keys.propagation({ id, signal });
  if (kind === 'team') return admin.teams.propagation({ id, signal });
  return admin.organization.propagation({ signal });
}

/** Where a scope's records are, as a file that the browser saves. */
export function exportAddress({ kind, id }: Scope, from: string, to: string): string {
  const path = kind === 'key' ? `keys/${id}` : kind === 'team' ? `teams/${id}` : 'organization';
  return `/v1/${path}/export?${new URLSearchParams({ from, to, format: 'csv' })}`;
}

/** The last attempts of a key or a team, newest first. Of the organization they are told by team. */
export function askLastRequests({ kind, id }: Scope, limit: number, { signal }: Asked) {
  if (kind === 'key') return admin.keys.requests({ id, query: { limit }, signal });
  return admin.teams.requests({ id, query: { limit }, signal });
}
