import type { IncomingHttpHeaders } from 'node:http';
import { TollgateError } from '@tollgate/contracts/errors';
import type { VersionedKey } from '@tollgate/service-kit/config';
import { digestSecret, digestsEqual, parseToken } from '@tollgate/service-kit/tokens';
import type { KeyEntry } from '../key-state/key-entry.ts';
import type { KeyTable } from '../key-state/key-table.ts';

const BEARER = /^Bearer +(\S+)$/i;

const invalidKey = () =>
  new TollgateError(
    'invalid_api_key',
    'This API key is not valid. Send a key of this router as "Authorization: Bearer tg_…"; ' +
      'if it worked before, it was revoked or rotated: ask its administrator for a new one.',
  );

/** Finds out who is calling, without leaving the process. */
export class Authenticator {
  private readonly peppers: ReadonlyMap<number, Buffer>;
  private readonly signing: Buffer;

  constructor(
    private readonly keys: KeyTable,
    peppers: readonly VersionedKey[],
  ) {
    this.peppers = new Map(peppers.map(({ version, key }) => [version, key]));
    this.signing = peppers[0]!.key;
  }

  /**
   * The key whose secret the request carries, if it may be used at `nowMs`. Unknown, wrong and revoked keys are
   * answered alike, after the same work.
   * @throws TollgateError `invalid_api_key`, `key_disabled` or `key_expired`
   */
  authenticate(headers: IncomingHttpHeaders, nowMs: number): KeyEntry {
    const text = BEARER.exec(headers.authorization ?? '')?.[1];
    const token = text ? parseToken(text) : null;
    if (token?.kind !== 'tg') throw invalidKey();
    const entry = this.keys.get(token.id);
    if (!this.matches(entry, token.secret, nowMs) || !entry || entry.revoked) throw invalidKey();
    if (!entry.enabled) {
      throw new TollgateError(
        'key_disabled',
        'This API key is disabled. Ask its administrator to enable it again.',
      );
    }
    if (entry.expiresAtMs !== null && nowMs >= entry.expiresAtMs) {
      const at = new Date(entry.expiresAtMs).toISOString();
      throw new TollgateError(
        'key_expired',
        `This API key expired at ${at}. Ask its administrator for a new one.`,
      );
    }
    return entry;
  }

  private matches(entry: KeyEntry | undefined, secret: string, nowMs: number): boolean {
    let matched = false;
    for (const { digest, pepper, expires_at } of entry?.secrets ?? []) {
      const key = this.peppers.get(pepper);
      const current = expires_at === null || nowMs < Date.parse(expires_at);
      if (key && digestsEqual(digestSecret(secret, key), digest) && current) matched = true;
    }
    if (!entry) digestSecret(secret, this.signing);
    return matched;
  }
}
