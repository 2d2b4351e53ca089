import { createHmac } from 'node:crypto';
import type { AuditAction } from '@tollgate/contracts/audit-http';

/** What an entry's hash is taken over. */
export interface AuditFacts {
  readonly sequence: number;
  readonly at: Date;
  readonly actor: string;
  readonly address: string | null;
  readonly action: AuditAction;
  readonly target: string;
  readonly team_id: string | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** An entry as its table has it. */
export interface AuditRow extends AuditFacts {
  readonly hash: string;
  /** The version of the key that the hash was made with. */
  readonly hash_key: number;
}

/** The hash before the first entry. */
export const GENESIS = '0'.repeat(64);

/**
 * HMAC-SHA256, in hex, over an entry and the hash before it. The key is kept outside the database, so that whoever can
 * write there can neither change an entry nor make a new chain of all of them.
 */
export function chainHash(key: Buffer, before: string, entry: AuditFacts): string {
  const { sequence, at, actor, address, action, target, team_id } = entry;
  const facts = [before, sequence, at.toISOString(), actor, address, action, target, team_id];
  const text = JSON.stringify([...facts, inOrder(entry.before), inOrder(entry.after)]);
  return createHmac('sha256', key).update('tollgate audit\n').update(text).digest('hex');
}

/** The database keeps no order of fields. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, inOrder(field)]),
  );
}
