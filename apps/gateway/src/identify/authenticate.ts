import type { IncomingMessage } from 'node:http';
import { TollgateError } from '@tollgate/contracts/errors';
import type { VersionedKey } from '@tollgate/service-kit/config';
import type { FailedLogins } from '@tollgate/service-kit/failed-logins';
import { instantOf } from '@tollgate/service-kit/ids';
import { digestsEqual, SecretDigester, type Token } from '@tollgate/service-kit/tokens';
import type { Denials } from '../denials/denials.ts';
import type { KeyEntry } from '../key-state/key-entry.ts';
import type { KeyStateWatch } from '../key-state/key-state-watch.ts';
import type { KeyTable } from '../key-state/key-table.ts';
import type { ClientAddress } from './client-address.ts';
import { readCredential } from './credential.ts';

/** A key that was made this short a time ago may be on its way here: its first use is no guess. */
const NEW_KEY_MS = 5_000;
/** What the digest of a secret is compared to where its key is not known. */
const NO_DIGEST = '\0'.repeat(32);

/** Who makes a request, and from where. */
export interface Caller {
  readonly key: KeyEntry;
  /** Canonical; `null` where the connection has gone already. */
  readonly clientIp: string | null;
}

export interface AuthenticatorParts {
  readonly keys: KeyTable;
  readonly keyState: Pick<KeyStateWatch, 'isStale'>;
  readonly peppers: readonly VersionedKey[];
  readonly addresses: ClientAddress;
  readonly failedLogins: FailedLogins;
  readonly denials: Pick<Denials, 'count'>;
}

/** Finds out who is calling, without leaving the process. */
export class Authenticator {
  private readonly digesters: ReadonlyMap<number, SecretDigester>;
  private readonly newest: number;

  constructor(private readonly parts: AuthenticatorParts) {
    const { peppers } = parts;
    this.digesters = new Map(peppers.map(({ version, key }) => [version, new SecretDigester(key)]));
    this.newest = peppers[0]!.version;
  }

  /**
   * The key whose secret the request carries, if it may be used at `nowMs` and from where the request comes. Unknown,
   * wrong and revoked keys are answered alike, after the same work. A right key is let in however often wrong ones
   * came beside it.
   * @param apiKeyHeader whether this path takes its key as `x-api-key` too
   * Who is not let in is counted among the refusals here.
   * @throws TollgateError `key_state_stale`, `invalid_api_key`, `too_many_failed_logins`, `key_disabled`, `key_expired`,
   *   `ip_not_allowed`
   */
  authenticate(
    req: Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'socket'>,
    nowMs: number,
    apiKeyHeader: boolean,
  ): Caller {
    if (this.parts.keyState.isStale()) throw stale();
    const clientIp = this.parts.addresses.of(req);
    const token = readCredential(req, apiKeyHeader);
    const key = token?.kind === 'tg' ? this.opened(token, nowMs) : null;
    if (key === null) throw this.failed(token, clientIp, nowMs);
    const refusal = refusalOf(key, clientIp, nowMs);
    if (refusal === null) return { key, clientIp };
    this.parts.denials.count(key.id, refusal.code, clientIp, nowMs);
    throw refusal;
  }

  /** Whether a caller may still come in, some time after it was identified. @throws as {@link authenticate} */
  confirm({ key, clientIp }: Caller, nowMs: number): void {
    const refusal = key.revoked ? invalid() : refusalOf(key, clientIp, nowMs);
    if (refusal) throw refusal;
  }

  private opened({ id, secret }: Token, nowMs: number): KeyEntry | null {
    const key = this.parts.keys.get(id);
    const digestUnder = (pepper: number) => this.digesters.get(pepper)?.digest(secret) ?? null;
    if (!key) {
      digestsEqual(digestUnder(this.newest)!, NO_DIGEST);
      return null;
    }
    return key.isOpenedBy(digestUnder, nowMs) && !key.revoked ? key : null;
  }

  private failed(token: Token | null, clientIp: string | null, nowMs: number): TollgateError {
    const { keys, failedLogins, denials } = this.parts;
    const isNew = token !== null && Math.abs(nowMs - instantOf(token.id)) < NEW_KEY_MS;
    const retryAfterSeconds = isNew ? 0 : failedLogins.note(clientIp, token?.id ?? null, nowMs);
    // An id that is nobody's is the caller's invention.
    denials.count(token && keys.get(token.id) ? token.id : null, 'invalid_api_key', clientIp, nowMs);
    return retryAfterSeconds === 0 ? invalid() : tooMany(retryAfterSeconds);
  }
}

function refusalOf(key: KeyEntry, clientIp: string | null, nowMs: number): TollgateError | null {
  if (!key.enabled) return disabled();
  if (key.expiresAtMs !== null && nowMs >= key.expiresAtMs) return expired(key.expiresAtMs);
  return key.allowsAddress(clientIp) ? null : notFromThere(clientIp);
}

const stale = () =>
  new TollgateError(
    'key_state_stale',
    'This router has not heard for too long which API keys are valid. Try again later, or elsewhere.',
  );

const invalid = () =>
  new TollgateError(
    'invalid_api_key',
    'This API key is not valid. Send a key of this router as "Authorization: Bearer tg_…", once; ' +
      'if it worked before, it was revoked or rotated: ask its administrator for a new one.',
  );

const tooMany = (retryAfterSeconds: number) =>
  new TollgateError(
    'too_many_failed_logins',
    `Too many requests with API keys that are not valid; try again in ${retryAfterSeconds} s, with a valid one.`,
    { retryAfterSeconds },
  );

const disabled = () =>
  new TollgateError('key_disabled', 'This API key is disabled. Ask its administrator to enable it again.');

const expired = (atMs: number) =>
  new TollgateError(
    'key_expired',
    `This API key expired at ${new Date(atMs).toISOString()}. Ask its administrator for a new one.`,
  );

const notFromThere = (clientIp: string | null) =>
  new TollgateError(
    'ip_not_allowed',
    `This API key may not be used from ${clientIp ?? 'an unknown address'}. ` +
      'Call from an address it allows, or ask its administrator to allow this one.',
  );
