import type { EventType } from '@tollgate/contracts/events';
import { toGatewayState as ofKey } from '@tollgate/domain/key/gateway-state';
import { toGatewayState as ofOrganization } from '@tollgate/domain/organization/gateway-state';
import { toGatewayState as ofTeam } from '@tollgate/domain/team/gateway-state';
import { enqueue } from '@tollgate/event-store/outbox';
import type { DataSource, EntityManager } from 'typeorm';
import { toScopeRecord } from '../scopes/scope-record.ts';

/** How many scopes were queued. */
export interface Queued {
  readonly organization: number;
  readonly teams: number;
  readonly keys: number;
}

const PAGE = 500;
const ACTOR = 'operator';

interface Table {
  readonly name: keyof Queued;
  readonly type: EventType;
  readonly stateOf: (state: never) => object;
}

/** Keys last: those who read in order then know a key's team before the key. */
const TABLES: readonly Table[] = [
  { name: 'organization', type: 'tollgate.organization.updated.v1', stateOf: ofOrganization },
  { name: 'teams', type: 'tollgate.team.updated.v1', stateOf: ofTeam },
  { name: 'keys', type: 'tollgate.key.updated.v1', stateOf: ofKey },
];

/** Queues the current record of every scope, under the lock on its stream, so that no later change leaves before it. */
export async function* queueScopes(db: DataSource): AsyncGenerator<Queued, Queued> {
  const queued = { organization: 0, teams: 0, keys: 0 };
  for (const table of TABLES) {
    let after = '';
    for (;;) {
      const ids = await db.transaction((em) => queuePage(em, table, after));
      queued[table.name] += ids.length;
      yield { ...queued };
      if (ids.length < PAGE) break;
      after = ids.at(-1)!;
    }
  }
  return queued;
}

async function queuePage(
  em: EntityManager,
  { name, type, stateOf }: Table,
  after: string,
): Promise<string[]> {
  const found: { id: string }[] = await em.query(
    `select id from ${name} where id collate "C" > $1 order by id collate "C" limit ${PAGE}`,
    [after],
  );
  const ids = found.map(({ id }) => id);
  await em.query('select from streams where stream_id = any ($1) order by stream_id for update', [ids]);
  const rows: { id: string; version: number; state: object }[] = await em.query(
    `select id, version, state from ${name} where id = any ($1) order by id collate "C"`,
    [ids],
  );
  const at = new Date().toISOString();
  await enqueue(
    em,
    rows.map(({ id, version, state }) =>
      toScopeRecord(
        { type, at, actor: ACTOR, data: {} },
        { id, version },
        {
          type,
          change: {},
          state: stateOf(state as never),
        },
      ),
    ),
  );
  return ids;
}
