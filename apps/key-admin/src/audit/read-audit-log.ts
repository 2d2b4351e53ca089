import { Injectable } from '@nestjs/common';
import type { AuditPage, AuditQuery } from '@tollgate/contracts/audit-http';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import type { Caller } from '../admin-keys/caller.ts';
import { Names } from '../names/names.ts';
import { readCursor, toPage } from '../page-by-id.ts';
import { toAuditEntry } from './audit-entry.ts';
import { readNewest } from './sql/read-entries.ts';

const place = z.int().positive();

@Injectable()
export class ReadAuditLog {
  constructor(
    private readonly db: DataSource,
    private readonly names: Names,
  ) {}

  /** A page, newest first: for one who acts in one team, of what was done in it. */
  async execute(caller: Caller, { limit, cursor, ...filter }: AuditQuery): Promise<AuditPage> {
    const before = readCursor(cursor, place);
    const rows = await readNewest(this.db, filter, caller.team_id, before, limit + 1);
    const { shown, nextCursor } = toPage(
      rows.map((row) => ({ ...row, id: row.sequence })),
      limit,
    );
    const names = await this.names.of(
      shown.flatMap(({ actor, target, team_id }) => [actor, target, team_id]),
    );
    const nameOf = (id: string | null) => (id !== null && names.get(id)) || null;
    const data = shown.map((row) => ({
      ...toAuditEntry(row),
      actor_name: nameOf(row.actor),
      target_name: nameOf(row.target),
      team_name: nameOf(row.team_id),
    }));
    return { data, next_cursor: nextCursor };
  }
}
