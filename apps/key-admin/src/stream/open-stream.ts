import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Credential } from './credential.ts';
import { LiveMeters } from './live-meters.ts';
import { RecentFacts } from './recent-facts.ts';
import { readScopes } from './sql/read-scopes.ts';
import { Stream } from './stream.ts';
import { Streams } from './streams.ts';

export interface Wanted {
  /** Whose meters; those that the reader may not see have none. */
  readonly watch: readonly string[];
  /** The last event that the reader has, from an earlier stream. */
  readonly lastEventId: string | null;
}

@Injectable()
export class OpenStream {
  constructor(
    private readonly db: DataSource,
    private readonly recent: RecentFacts,
    private readonly streams: Streams,
    private readonly meters: LiveMeters,
  ) {}

  /**
   * Opens a stream: what the reader missed or that it has to read anew, then what happens.
   * @param begin gives what the stream is written to; called when nothing can refuse it any more
   * @throws TollgateError `too_many_streams`, `not_ready`
   */
  async execute(of: Credential, { watch, lastEventId }: Wanted, begin: () => ServerResponse): Promise<void> {
    const seen = watch.length === 0 ? [] : await readScopes(this.db, watch, of.admin.team_id);
    this.streams.requireRoom(of);
    // From here on in one turn, so that nothing happens between what was missed and what follows.
    const out = begin();
    if (out.destroyed) return;
    const stream = new Stream(
      of,
      seen.map(({ id }) => id),
      out,
    );
    const { team_id } = of.admin;
    const missed = lastEventId === null ? [] : this.recent.after(lastEventId);
    // Who is cut off in the middle of what was missed comes back for the rest.
    stream.send('hello', {}, missed && lastEventId ? lastEventId : this.recent.lastFor(team_id));
    if (missed === null) stream.send('resync', {});
    for (const { id, fact } of missed ?? []) if (fact.isFor(team_id)) stream.send(fact.event, fact.data, id);
    this.streams.add(stream);
    this.meters.watch(stream);
  }
}
