import { Injectable } from '@nestjs/common';
import {
  type BulkKeysAnswer,
  type BulkKeysBody,
  MOST_BULK_KEYS,
  type Propagation,
} from '@tollgate/contracts/admin-http';
import { TollgateError } from '@tollgate/contracts/errors';
import { keyId } from '@tollgate/contracts/ids';
import type { KeyState } from '@tollgate/domain/key/state';
import { status } from '@tollgate/domain/key/status';
import { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { KeyStore } from './key-store.ts';
import { noSuchKey } from './no-such-key.ts';
import { FIND_KEYS } from './sql/find-keys.ts';

/** Each is a transaction of its own: more at once would leave no connection to others. */
const AT_ONCE = 4;

type Result = BulkKeysAnswer['data'][number];
interface Done {
  readonly result: Result;
  readonly key: KeyState | null;
}

@Injectable()
export class ChangeKeys {
  constructor(
    private readonly db: DataSource,
    private readonly store: KeyStore,
    private readonly applied: AwaitApplied,
  ) {}

  /**
   * Enables, disables or revokes many keys, each by itself: one that cannot be changed says why and holds up no other.
   * Answers once the live gateways know them all (at most 1 s after the last).
   */
  async execute(caller: Caller, { action, ids, filter }: BulkKeysBody): Promise<BulkKeysAnswer> {
    const found = ids ?? (await this.find(caller, action, filter ?? {}));
    const named = [...new Set(found.slice(0, MOST_BULK_KEYS))];
    const done: Done[] = [];
    const take = async () => {
      for (let id = named.shift(); id !== undefined; id = named.shift()) {
        done.push(await this.change(caller, action, id));
      }
    };
    const order = new Map(named.map((id, n) => [id, n]));
    await Promise.all(Array.from({ length: AT_ONCE }, take));
    done.sort((a, b) => order.get(a.result.id)! - order.get(b.result.id)!);
    const propagations = await Promise.all(
      done.flatMap(({ key }) => (key ? [this.applied.execute(key.id, key.version)] : [])),
    );
    return {
      data: done.map(({ result }) => result),
      has_more: found.length > MOST_BULK_KEYS,
      propagation: together(propagations),
    };
  }

  /** Those that it would change, and one more where there are more than one call takes. */
  private async find(
    caller: Caller,
    action: BulkKeysBody['action'],
    { team_id, environment, owner, purpose }: NonNullable<BulkKeysBody['filter']>,
  ): Promise<string[]> {
    const enabled = action === 'revoke' ? null : action === 'disable';
    const parameters = [team_id, environment, owner, purpose, MOST_BULK_KEYS + 1, enabled, caller.team_id];
    const rows: { id: string }[] = await this.db.query(FIND_KEYS, parameters);
    return rows.map(({ id }) => id);
  }

  private async change(caller: Caller, action: BulkKeysBody['action'], id: string): Promise<Done> {
    const nowMs = Date.now();
    try {
      if (!keyId.safeParse(id).success) throw noSuchKey();
      const key = await this.store.change({
        caller,
        id,
        commands: [{ type: action, nowMs, actor: caller.id }],
      });
      return { key, result: { id, status: status(key, nowMs) } };
    } catch (error) {
      if (!(error instanceof TollgateError)) throw error;
      return { key: null, result: { id, error: { code: error.code, message: error.message } } };
    }
  }
}

/** How far the changes had got together: a gateway has acknowledged them where it has each. */
const together = (all: readonly Propagation[]): Propagation => ({
  complete: all.every(({ complete }) => complete),
  gateways: Math.max(0, ...all.map(({ gateways }) => gateways)),
  acknowledged: all.length === 0 ? 0 : Math.min(...all.map(({ acknowledged }) => acknowledged)),
  took_ms: Math.max(0, ...all.map(({ took_ms }) => took_ms)),
});
