import { Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import { decide, type KeyCommand } from '@tollgate/domain/key/decide';
import type { KeyEvent } from '@tollgate/domain/key/events';
import { KeyRefused } from '@tollgate/domain/key/refusal';
import { evolve, foldKey, type KeyState } from '@tollgate/domain/key/state';
import { enqueue } from '@tollgate/event-store/outbox';
import { appendToStream, lockStream, readStream } from '@tollgate/event-store/stream';
import type { OutgoingRecord } from '@tollgate/kafka/cloud-event';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { foldName } from './fold-name.ts';
import { toKeyRecord } from './key-record.ts';
import { noSuchKey } from './no-such-key.ts';
import { FIND_KEY } from './sql/find-key.ts';
import { SAVE_KEY } from './sql/save-key.ts';

const UNIQUE_VIOLATION = '23505';

/** The history of every key, and its read model. */
@Injectable()
export class KeyStore {
  constructor(private readonly db: DataSource) {}

  /** @throws TollgateError `not_found` */
  async get(id: string): Promise<KeyState> {
    const [row] = await this.db.query<{ state: KeyState }[]>(FIND_KEY, [id]);
    if (!row) throw noSuchKey();
    return row.state;
  }

  /**
   * Carries out commands on one key, all or none, and gives the state they led to. In one transaction: lock the
   * stream, fold it, decide, append, project, queue the records.
   * @param expectedVersion the version the caller has seen, or `null` where any will do
   * @param first done at the beginning of the transaction; what it throws undoes all
   * @throws TollgateError where the key's rules or another key's name forbid it
   */
  async execute(
    id: string,
    commands: KeyCommand[],
    expectedVersion: number | null = null,
    first: (em: EntityManager) => Promise<void> = async () => {},
  ): Promise<KeyState> {
    try {
      return await this.db.transaction(async (em) => {
        await first(em);
        return change(em, id, commands, expectedVersion);
      });
    } catch (error) {
      throw explained(error);
    }
  }
}

async function change(
  em: EntityManager,
  id: string,
  commands: KeyCommand[],
  expectedVersion: number | null,
): Promise<KeyState> {
  const version = await lockStream(em, id);
  let state = foldKey(await readStream<KeyEvent>(em, id));
  if (expectedVersion !== null && state !== null && expectedVersion !== version) {
    const message = `The key is at version ${version}, not ${expectedVersion}: read it again before you change it.`;
    throw new TollgateError('precondition_failed', message, { details: { version } });
  }
  const events: KeyEvent[] = [];
  const records: OutgoingRecord[] = [];
  for (const command of commands) {
    for (const event of decide(command, state)) {
      state = evolve(state, event)!;
      events.push(event);
      records.push(toKeyRecord(event, state));
    }
  }
  if (state === null) throw noSuchKey();
  if (events.length === 0) return state;
  await appendToStream(em, id, version, events);
  await em.query(SAVE_KEY, rowOf(state));
  await enqueue(em, records);
  return state;
}

const rowOf = (key: KeyState): unknown[] => [
  key.id,
  key.team_id,
  foldName(key.name),
  key.owner,
  key.environment,
  key.enabled,
  key.expires_at,
  key.revoked_at,
  key.created_at,
  key.secrets[0]!.last_four,
  key.version,
  JSON.stringify(key),
];

/** Says in the API's words what the domain or the database refused. */
function explained(error: unknown): unknown {
  if (error instanceof QueryFailedError) {
    const { code, constraint } = error.driverError as { code?: string; constraint?: string };
    if (code !== UNIQUE_VIOLATION || constraint !== 'keys_live_name') return error;
    const message =
      'Another key of this team has this name, whatever its case; choose another or revoke that key.';
    return new TollgateError('name_taken', message, { param: 'name' });
  }
  if (!(error instanceof KeyRefused)) return error;
  const extras = error.param === undefined ? {} : { param: error.param };
  switch (error.code) {
    case 'key_missing':
      return noSuchKey();
    case 'key_revoked':
      return new TollgateError('key_revoked', error.message);
    case 'expiry_unusable':
      return new TollgateError('invalid_field', error.message, extras);
    case 'key_exists':
    case 'too_many_secrets':
      return new TollgateError('conflict', error.message, extras);
  }
}
