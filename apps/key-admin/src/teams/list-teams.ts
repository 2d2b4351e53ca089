import { Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import { teamId } from '@tollgate/contracts/ids';
import type { ListTeamsQuery, TeamPage } from '@tollgate/contracts/teams-http';
import { decodeCursor, encodeCursor } from '@tollgate/service-kit/cursor';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import type { Caller } from '../admin-keys/caller.ts';
import { containing, foldName } from '../fold-name.ts';
import { Names } from '../names/names.ts';
import { listTeams } from './sql/read-teams.ts';
import { toTeamView } from './team-view.ts';

const place = z.tuple([z.string().max(512), teamId]);

@Injectable()
export class ListTeams {
  constructor(
    private readonly db: DataSource,
    private readonly names: Names,
  ) {}

  /** A page of the teams that the caller may see, by name; it continues after the last one shown. */
  async execute(caller: Caller, { search, limit, cursor }: ListTeamsQuery): Promise<TeamPage> {
    const rows = await listTeams(this.db, {
      within: caller.team_id,
      pattern: search && containing(foldName(search)),
      after: cursor === undefined ? null : readPlace(cursor),
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit);
    const names = await this.names.of(shown.map(({ state }) => state.created_by));
    const last = shown.at(-1);
    return {
      data: shown.map(({ state, live_keys }) => toTeamView(state, live_keys, names)),
      next_cursor: rows.length > limit && last ? encodeCursor([last.name_folded, last.state.id]) : null,
    };
  }
}

function readPlace(text: string): [name: string, id: string] {
  const parsed = place.safeParse(decodeCursor(text));
  if (parsed.success && !parsed.data[0].includes('\0')) return parsed.data;
  const message = 'cursor: must be the next_cursor of a page of teams; leave it out to start again';
  throw new TollgateError('invalid_field', message, { param: 'cursor' });
}
