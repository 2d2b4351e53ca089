import type { VersionedKey } from '@tollgate/service-kit/config';
import type { DataSource, EntityManager } from 'typeorm';
import { type AuditRow, chainHash, GENESIS } from './chain.ts';
import { readHead } from './sql/append-entries.ts';
import { readOldest } from './sql/read-entries.ts';

const PAGE = 1_000;

export interface Verification {
  readonly entries: number;
  /** The last entry's hash: keep it elsewhere, and a later log that does not contain it has been replaced. */
  readonly head: string;
  /** The first place at which the log is not as it was written, and why; `null` where it all is. */
  readonly broken: { readonly sequence: number; readonly reason: string } | null;
}

/**
 * Reads the whole log and says whether it is as it was written: no entry changed, none missing, none put in. It waits
 * for nobody and nobody waits for it: it reads one snapshot.
 * @param keys all that have signed
 * @returns progress as entries read, then what was found
 */
export async function* verifyAuditLog(
  db: DataSource,
  keys: readonly VersionedKey[],
): AsyncGenerator<number, Verification> {
  const runner = db.createQueryRunner();
  await runner.startTransaction('REPEATABLE READ');
  try {
    return yield* verify(runner.manager, keys);
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}

async function* verify(
  em: EntityManager,
  keys: readonly VersionedKey[],
): AsyncGenerator<number, Verification> {
  let hash = GENESIS;
  let sequence = 0;
  for (;;) {
    const rows = await readOldest(em, {}, null, sequence, PAGE);
    for (const row of rows) {
      const reason = flaw(row, sequence, hash, keys);
      if (reason !== null)
        return { entries: sequence, head: hash, broken: { sequence: sequence + 1, reason } };
      ({ hash, sequence } = row);
    }
    yield sequence;
    if (rows.length < PAGE) break;
  }
  const head = await readHead(em);
  const broken =
    head.sequence === sequence && head.hash === hash
      ? null
      : { sequence: sequence + 1, reason: `the log ends here, and ${head.sequence} entries were written` };
  return { entries: sequence, head: hash, broken };
}

function flaw(row: AuditRow, sequence: number, hash: string, keys: readonly VersionedKey[]): string | null {
  if (row.sequence !== sequence + 1) return `the next entry is ${row.sequence}: those between are missing`;
  const signer = keys.find(({ version }) => version === row.hash_key);
  if (!signer) return `it is signed with key ${row.hash_key}, which TOLLGATE_EVENT_KEYS does not have`;
  return chainHash(signer.key, hash, row) === row.hash ? null : 'it is not as it was written';
}
