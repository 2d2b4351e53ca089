import type { Batch } from '@tollgate/kafka/batch-server';
import type { DataSource } from 'typeorm';
import {
  applyScopeChange,
  changedScope,
  type ScopeChanged,
  toScopeChanged,
} from '../limits/apply-scope-change.ts';
import { unknownScope } from '../scopes/scope-row.ts';
import { readScopes } from '../scopes/sql/read-scopes.ts';

/** The latest that key-admin said of each scope, as the keys topic has it. */
export class ToldScopes {
  private readonly latest = new Map<string, ScopeChanged>();

  note({ events }: Batch): void {
    for (const { event } of events) {
      const change = toScopeChanged(event.type, event.data);
      if (!change) continue;
      const { state, version } = change.changed;
      if (version > (this.latest.get(state.id)?.changed.version ?? 0)) this.latest.set(state.id, change);
    }
  }

  /** Those that metering has otherwise: in an older version, or taken over by a release that kept less of it. */
  async news(db: DataSource): Promise<ScopeChanged[]> {
    const known = new Map((await readScopes(db)).map((scope) => [scope.scopeId, scope]));
    return [...this.latest.values()].filter(({ scope: kind, changed }) => {
      const { id } = changed.state;
      return changedScope(known.get(id) ?? unknownScope(kind, id), changed, { anew: true }) !== null;
    });
  }

  /** @returns how many scopes are otherwise now */
  async takeOver(db: DataSource, nowMs: number): Promise<number> {
    let scopes = 0;
    for (const change of await this.news(db))
      if (await applyScopeChange(db, change, nowMs, { anew: true })) scopes += 1;
    return scopes;
  }
}
