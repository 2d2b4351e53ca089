import { Injectable } from '@nestjs/common';
import type { KeyPage, ListKeysQuery } from '@tollgate/contracts/admin-http';
import type { KeyState } from '@tollgate/domain/key/state';
import { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { containing, foldName } from '../fold-name.ts';
import { MeteringClient } from '../metering-client.ts';
import { Names } from '../names/names.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { toKeyView } from './key-view.ts';
import { listKeysSql } from './sql/list-keys.ts';

interface Row {
  readonly state: KeyState;
  /** The value of the column that the page is sorted by. */
  readonly place: string | Date;
}

@Injectable()
export class ListKeys {
  constructor(
    private readonly db: DataSource,
    private readonly metering: MeteringClient,
    private readonly names: Names,
  ) {}

  /**
   * One page. It continues after the last key seen, not after a count, so that keys created or renamed meanwhile
   * neither repeat nor hide another. `last_used_at` is `null` while metering cannot be asked.
   */
  async execute(caller: Caller, query: ListKeysQuery): Promise<KeyPage> {
    const nowMs = Date.now();
    const rows = await this.page(caller, query, nowMs);
    const shown = rows.slice(0, query.limit);
    const [lastUse, names] = await Promise.all([
      this.metering.lastUse(shown.map(({ state }) => state.id)),
      this.names.of(shown.flatMap(({ state }) => [state.team_id, state.created_by])),
    ]);
    const last = shown.at(-1);
    return {
      data: shown.map(({ state }) => toKeyView(state, nowMs, lastUse.get(state.id) ?? null, names)),
      next_cursor: rows.length > query.limit && last ? cursorAfter(last, query.sort) : null,
    };
  }

  /** One row more than shown tells whether there is another page. */
  private page(caller: Caller, query: ListKeysQuery, nowMs: number): Promise<Row[]> {
    const { team_id, environment, owner, purpose, metadata, status, search, sort, limit } = query;
    const after = query.cursor === undefined ? null : readCursor(query.cursor, sort);
    return this.db.query(listKeysSql(sort), [
      team_id,
      environment,
      owner,
      status,
      new Date(nowMs).toISOString(),
      search && containing(foldName(search)),
      search,
      after?.value,
      after?.id,
      limit + 1,
      purpose,
      metadata && JSON.stringify(metadata),
      caller.team_id,
    ]);
  }
}

const cursorAfter = ({ state, place }: Row, sort: string) =>
  writeCursor({ sort, value: place instanceof Date ? place.toISOString() : place, id: state.id });
