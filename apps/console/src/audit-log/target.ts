import type { AuditEntry } from '@tollgate/contracts/audit-http';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';

/** Names as they are now, where the API tells them. */
export interface Named {
  readonly actor_name?: string | null | undefined;
  readonly target_name?: string | null | undefined;
  readonly team_name?: string | null | undefined;
}

/** Where what was changed has a screen; `null` where it has none. */
export function placeOf(target: string): string | null {
  if (target === ORGANIZATION_ID) return '/organization';
  const [, kind] = /^(key|team|whk)_/.exec(target) ?? [];
  if (kind === undefined) return null;
  return `/${kind === 'whk' ? 'webhooks' : `${kind}s`}/${target}`;
}

/** What an entry itself calls what was changed; `null` where it names it by its id alone. */
export function nameIn({ before, after }: Pick<AuditEntry, 'before' | 'after'>): string | null {
  for (const name of [after?.['name'], before?.['name'], after?.['host'], before?.['host']]) {
    if (typeof name === 'string') return name;
  }
  return null;
}

/** What the team of an entry is called; its id where that is not known. */
export const teamNameIn =
  ({ team_id, team_name }: Pick<AuditEntry, 'team_id'> & Named) =>
  (teamId: string): string =>
    (teamId === team_id && team_name) || teamId;
