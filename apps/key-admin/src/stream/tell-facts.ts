import { Injectable } from '@nestjs/common';
import type { CloudEvent, LimitEvent } from '@tollgate/contracts/events';
import { DataSource } from 'typeorm';
import { changeFact, isLimitTold, limitFact, TEAMS_RESYNC } from './fact.ts';
import { teamsOfKeys } from './sql/teams-of-keys.ts';
import { Streams } from './streams.ts';

/** Tells the open streams what comes on the topics. */
@Injectable()
export class TellFacts {
  constructor(
    private readonly db: DataSource,
    private readonly streams: Streams,
  ) {}

  /** What key-admin's instances changed. */
  changes(events: readonly CloudEvent[]): void {
    for (const event of events) {
      const fact = changeFact(event);
      if (fact) this.streams.tell(fact);
    }
  }

  /**
   * Warnings, breaches and resets. While it cannot be asked which team a key is in, those who act in one are told to
   * read anew what they show, for what happened may concern them, or not.
   */
  async limits(events: readonly CloudEvent[]): Promise<void> {
    const told = events.filter(isLimitTold);
    const keys = told
      .filter(({ data }) => (data as LimitEvent).scope === 'key')
      .map(({ subject }) => subject);
    const teams = keys.length === 0 ? new Map() : await teamsOfKeys(this.db, keys).catch(() => null);
    for (const event of told) {
      const { scope, scope_id } = event.data as LimitEvent;
      const teamId = scope === 'team' ? scope_id : (teams?.get(scope_id) ?? null);
      this.streams.tell(limitFact(event, teamId));
    }
    if (teams === null) this.streams.tell(TEAMS_RESYNC);
  }
}
