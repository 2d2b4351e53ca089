import { Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import type { KeyCommand } from '@tollgate/domain/key/decide';
import { KeyRefused } from '@tollgate/domain/key/refusal';
import type { KeyState } from '@tollgate/domain/key/state';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { type Change, changeScope } from '../scopes/change-scope.ts';
import { isTaken } from '../scopes/is-taken.ts';
import { KEY } from './key-kind.ts';
import { noSuchKey } from './no-such-key.ts';
import { findKey } from './sql/find-key.ts';

/** The history of every key, and its read model. */
@Injectable()
export class KeyStore {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /** A key that the caller may see. @throws TollgateError `not_found`, another team's included */
  async get(caller: Caller, id: string): Promise<KeyState> {
    const key = await findKey(this.db, id, caller.team_id);
    if (!key) throw noSuchKey();
    return key;
  }

  /**
   * Creates a key.
   * @param first done at the beginning of the transaction; what it throws undoes all
   * @throws TollgateError where the key's rules or another key's name forbid it
   */
  create(
    caller: Caller,
    id: string,
    command: KeyCommand,
    first: (em: EntityManager) => Promise<void>,
  ): Promise<KeyState> {
    return this.transaction(async (em) => {
      await first(em);
      return changeScope(em, this.audit, KEY, { caller, id, commands: [command] });
    });
  }

  /** Changes a key that the caller may see. @throws TollgateError as {@link get} and {@link create} do */
  change(change: Change<KeyCommand>): Promise<KeyState> {
    return this.transaction(async (em) => {
      if (!(await findKey(em, change.id, change.caller.team_id))) throw noSuchKey();
      return changeScope(em, this.audit, KEY, change);
    });
  }

  private async transaction(work: (em: EntityManager) => Promise<KeyState>): Promise<KeyState> {
    try {
      return await this.db.transaction(work);
    } catch (error) {
      throw explained(error);
    }
  }
}

/** Says in the API's words what the domain or the database refused. */
function explained(error: unknown): unknown {
  if (error instanceof QueryFailedError && isTaken(error, 'keys_live_name')) {
    const message =
      'Another key of this team has this name, whatever its case; choose another or revoke that key.';
    return new TollgateError('name_taken', message, { param: 'name' });
  }
  if (!(error instanceof KeyRefused)) return error;
  const extras = error.param === undefined ? {} : { param: error.param };
  switch (error.code) {
    case 'key_missing':
      return noSuchKey();
    case 'key_revoked':
      return new TollgateError('key_revoked', error.message);
    case 'expiry_unusable':
      return new TollgateError('invalid_field', error.message, extras);
    case 'key_exists':
    case 'too_many_secrets':
      return new TollgateError('conflict', error.message, extras);
  }
}
