import type { MeterEvent, MeterEventsQuery } from '@tollgate/contracts/billing-http';
import { spanOf } from '@tollgate/contracts/span';
import type { Sql } from '@tollgate/service-kit/postgres';
import { readMeterEvents } from './sql/read-meter-events.ts';

const PAGE = 2_000;

/** Meter events as lines of JSON, as the reader takes them; nothing is sent by that. */
export async function* listMeterEvents(
  sql: Sql,
  query: MeterEventsQuery,
  nowMs: number,
): AsyncGenerator<string> {
  const { state = null, team_id: teamId = null } = query;
  const filter = { ...spanOf(query, nowMs), state, teamId };
  let last: MeterEvent | null = null;
  do {
    const page: MeterEvent[] = await readMeterEvents(sql, filter, last, PAGE);
    yield page.map((event) => `${JSON.stringify(event)}\n`).join('');
    last = page.length < PAGE ? null : page.at(-1)!;
  } while (last);
}
