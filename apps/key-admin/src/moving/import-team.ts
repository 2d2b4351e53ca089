import { enqueue } from '@tollgate/event-store/outbox';
import { lockStream, restoreStream, type StreamEvent } from '@tollgate/event-store/stream';
import type { VersionedKey } from '@tollgate/service-kit/config';
import type { DataSource, EntityManager } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { KEY } from '../keys/key-kind.ts';
import type { ScopeKind } from '../scopes/change-scope.ts';
import { SecretMint } from '../secret-mint.ts';
import { TEAM } from '../teams/team-kind.ts';
import { fingerprintOf, type MovedKey, type MovedTeam } from './moved-team.ts';

export interface ImportedTeam {
  readonly team: string;
  readonly keys: number;
  /** Keys whose pepper is not here: they cannot be opened, and need new secrets. */
  readonly unreadable: readonly string[];
  /** New secrets, by key: told here and never again. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly applied: boolean;
}

interface Settings {
  readonly apply: boolean;
  /** Keys whose pepper is not here get new secrets. */
  readonly remint: boolean;
  readonly peppers: readonly VersionedKey[];
  readonly caller: Caller;
  readonly audit: AuditTrail;
}

/**
 * Takes in a team that another deployment has exported, with its keys, under the ids that they had; all or nothing.
 * Secrets stay good where this deployment has the pepper that digested them, under whatever version.
 * @throws Error where one of them is here already, or a secret cannot be read and is not to be made anew
 */
export function importTeam(
  db: DataSource,
  moved: MovedTeam,
  settings: Settings,
  nowMs: number,
): Promise<ImportedTeam> {
  const { apply, remint, peppers } = settings;
  const read = moved.keys.map((key) => withPeppersOf(key, moved, peppers));
  const unreadable = moved.keys.filter((_, index) => read[index] === null).map(({ id }) => id);
  if (apply && !remint && unreadable.length > 0) {
    throw new Error(
      `${unreadable.length} keys, such as ${unreadable[0]}, were made with a pepper that TOLLGATE_KEY_PEPPERS does not ` +
        'have here: add that pepper, under any version, here and at every gateway, or have new secrets made with --remint.',
    );
  }
  const mint = new SecretMint(peppers);
  const secrets: Record<string, string> = {};
  return db
    .transaction(async (em) => {
      await takeIn(em, TEAM, { type: 'TeamRestored', data: moved.team }, settings, nowMs);
      for (const [index, key] of moved.keys.entries()) {
        let taken = read[index];
        if (!taken) {
          const { token, secret } = mint.mint('tg', key.id);
          secrets[key.id] = token;
          taken = { ...key, secrets: [{ ...secret, expires_at: null }], version: key.version + 1 };
        }
        await takeIn(em, KEY, { type: 'KeyRestored', data: taken }, settings, nowMs);
      }
      const told = apply && remint ? secrets : {};
      const imported = {
        team: moved.team.id,
        keys: moved.keys.length,
        unreadable,
        secrets: told,
        applied: apply,
      };
      if (!apply) throw new Tried(imported);
      return imported;
    })
    .catch((error: unknown) => {
      if (error instanceof Tried) return error.imported;
      if ((error as { code?: string }).code === UNIQUE_VIOLATION)
        throw new Error('a team here has the name of the one that comes: rename either first');
      throw error;
    });
}

const UNIQUE_VIOLATION = '23505';

/** All of it was done, and is undone. */
class Tried extends Error {
  constructor(readonly imported: ImportedTeam) {
    super('only tried');
  }
}

/** The key with the versions that its peppers have here; `null` where one of its live secrets' is not here. */
function withPeppersOf(key: MovedKey, moved: MovedTeam, peppers: readonly VersionedKey[]): MovedKey | null {
  const here = new Map(peppers.map((pepper) => [fingerprintOf(pepper), pepper.version]));
  const secrets = key.secrets.flatMap((secret) => {
    const version = here.get(moved.peppers[secret.pepper] ?? '');
    return version === undefined ? [] : [{ ...secret, pepper: version }];
  });
  return secrets.some(({ expires_at }) => expires_at === null) ? { ...key, secrets } : null;
}

async function takeIn<
  Command,
  Event extends StreamEvent,
  State extends { readonly id: string; readonly version: number },
>(
  em: EntityManager,
  kind: ScopeKind<Command, Event, State>,
  { type, data }: { readonly type: Event['type']; readonly data: State },
  { caller, audit }: Settings,
  nowMs: number,
): Promise<void> {
  if ((await lockStream(em, data.id)) > 0) throw new Error(`${kind.noun} ${data.id} is here already`);
  const event = { type, at: new Date(nowMs).toISOString(), actor: caller.id, data } as unknown as Event;
  const state = kind.evolve(null, event)!;
  await restoreStream(em, data.id, data.version, event);
  await kind.save(em, state);
  await enqueue(em, [kind.toRecord(event, state)]);
  await audit.record(em, caller, [{ ...kind.toDeed(event, state), at: nowMs, before: null }]);
}
