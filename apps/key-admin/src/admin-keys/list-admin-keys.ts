import { Injectable } from '@nestjs/common';
import type { AdminKeyPage, ListAdminKeysQuery } from '@tollgate/contracts/admin-keys-http';
import { adminId } from '@tollgate/contracts/ids';
import { DataSource } from 'typeorm';
import { Names } from '../names/names.ts';
import { readCursor, toPage } from '../page-by-id.ts';
import { toAdminKeyView } from './admin-key-row.ts';
import type { Caller } from './caller.ts';
import { listAdminKeys } from './sql/list-admin-keys.ts';

@Injectable()
export class ListAdminKeys {
  constructor(
    private readonly db: DataSource,
    private readonly names: Names,
  ) {}

  /** The admin keys that the caller may see, newest first. The one of the environment is not among them. */
  async execute(
    caller: Caller,
    { team_id, revoked, limit, cursor }: ListAdminKeysQuery,
  ): Promise<AdminKeyPage> {
    const after = readCursor(cursor, adminId);
    const wanted = { team_id, within: caller.team_id, revoked, after, limit: limit + 1 };
    const rows = await listAdminKeys(this.db, wanted);
    const { shown, nextCursor } = toPage(rows, limit);
    const names = await this.names.of(shown.flatMap((row) => [row.created_by, row.team_id]));
    return { data: shown.map((row) => toAdminKeyView(row, names)), next_cursor: nextCursor };
  }
}
