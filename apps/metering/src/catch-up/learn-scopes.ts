import type { KafkaConnection } from '@tollgate/kafka/connection';
import { readTopics } from '@tollgate/kafka/read-topics';
import type { DataSource } from 'typeorm';
import { ToldScopes } from './told-scopes.ts';

export interface Learned {
  /** Keys, teams and the organization that were known otherwise. */
  readonly scopes: number;
  readonly applied: boolean;
}

/**
 * Takes over from the keys topic what metering has otherwise. After a migration that has it keep more of a scope than
 * the release before: it would learn that only with the scope's next change. May run beside the service.
 */
export async function learnScopes(
  db: DataSource,
  kafka: KafkaConnection,
  { apply }: { readonly apply: boolean },
  nowMs: number,
): Promise<Learned> {
  const told = new ToldScopes();
  await readTopics(kafka, { keys: (batch) => told.note(batch) });
  const scopes = apply ? await told.takeOver(db, nowMs) : (await told.news(db)).length;
  return { scopes, applied: apply };
}
