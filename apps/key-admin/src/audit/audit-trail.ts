import type { AuditAction } from '@tollgate/contracts/audit-http';
import type { VersionedKey } from '@tollgate/service-kit/config';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { type AuditRow, chainHash } from './chain.ts';
import { appendEntries, lockHead } from './sql/append-entries.ts';

/** What someone did. */
export interface Deed {
  /** ms since the epoch. */
  readonly at: number;
  readonly action: AuditAction;
  readonly target: string;
  /** The team that the target is in, or is; `null` where it is in none. */
  readonly team_id: string | null;
  /** The fields that changed, as they were and as they became; never a secret. */
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** Writes the audit log. */
export class AuditTrail {
  /** @param keys the first signs */
  constructor(private readonly keys: readonly VersionedKey[]) {}

  /**
   * Adds entries in the transaction of what they tell. Called last in it: from here to its end no other change can
   * commit, because each entry's hash takes in the one before.
   */
  async record(em: EntityManager, caller: Caller, deeds: readonly Deed[]): Promise<void> {
    if (deeds.length === 0) return;
    const { version, key } = this.keys[0]!;
    let { sequence, hash } = await lockHead(em);
    const rows = deeds.map((deed): AuditRow => {
      const { at, action, target, team_id, before, after } = deed;
      sequence += 1;
      const { id: actor, address } = caller;
      const entry = { sequence, at: new Date(at), actor, address, action, target, team_id, before, after };
      hash = chainHash(key, hash, entry);
      return { ...entry, hash, hash_key: version };
    });
    await appendEntries(em, rows);
  }
}
