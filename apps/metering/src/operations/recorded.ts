import { newId } from '@tollgate/service-kit/ids';
import { outcomeOf } from '@tollgate/service-kit/progress';
import type { DataSource } from 'typeorm';

export interface Operation {
  readonly kind:
    | 'rebuild'
    | 'credit'
    | 'release'
    | 'retire'
    | 'rerate'
    | 'reconcile'
    | 'lose'
    | 'reanchor'
    | 'restore'
    | 'import';
  /** Who asked for it: an admin key's id, or `operator` at a command line. */
  readonly actor: string;
  readonly parameters: object;
}

const BEGIN = `INSERT INTO operations (id, kind, actor, started_at, parameters) VALUES ($1, $2, $3, now(), $4)`;
const END = 'UPDATE operations SET ended_at = now(), result = $2 WHERE id = $1';

/**
 * Keeps in `operations` that somebody had this done, before it is done, and what came of it. One without an end is
 * one that a crash cut short.
 */
export async function* recorded<Progress, Result>(
  db: DataSource,
  { kind, actor, parameters }: Operation,
  work: AsyncGenerator<Progress, Result>,
): AsyncGenerator<Progress, Result> {
  const id = newId('op');
  await db.query(BEGIN, [id, kind, actor, parameters]);
  try {
    const result = yield* work;
    await db.query(END, [id, result]);
    return result;
  } catch (error) {
    await db.query(END, [id, { error: (error as Error).message }]);
    throw error;
  }
}

/** {@link recorded} of work without progress. */
export async function recordedOnce<Result>(
  db: DataSource,
  operation: Operation,
  work: () => Promise<Result>,
): Promise<Result> {
  // biome-ignore lint/correctness/useYield: there is no progress to tell.
  const once = (async function* (): AsyncGenerator<never, Result> {
    return await work();
  })();
  return outcomeOf(recorded(db, operation, once));
}
