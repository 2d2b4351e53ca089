import type { ErrorCode } from '@tollgate/contracts/errors';
import type { AccessDenied } from '@tollgate/contracts/events';

const MINUTE_MS = 60_000;
/** Rows with an address; beyond, refusals of a key are counted without it. */
export const MAX_ROWS = 10_000;
/** Rows in all; beyond, refusals are counted by reason alone. */
export const MAX_ROWS_WITH_OVERFLOW = 15_000;

type Row = { -readonly [Field in keyof AccessDenied]: AccessDenied[Field] };

/**
 * Refusals, counted per key, reason, minute and client address. Who is refused chooses how many keys and addresses
 * there are, so rows are bounded: above the bounds a count loses its address, and then its key, never itself.
 */
export class Denials {
  private readonly rows = new Map<string, Row>();

  /** @param keyId `null` where the key is not known */
  count(keyId: string | null, reason: ErrorCode, clientIp: string | null, nowMs: number): void {
    const minuteMs = nowMs - (nowMs % MINUTE_MS);
    const { size } = this.rows;
    if (this.increment(keyId, reason, clientIp, minuteMs, size < MAX_ROWS)) return;
    if (this.increment(keyId, reason, null, minuteMs, size < MAX_ROWS_WITH_OVERFLOW)) return;
    this.increment(null, reason, null, minuteMs, true);
  }

  /** Takes out the rows of the minutes that have ended at `nowMs`; nothing is added to those any more. */
  takeEnded(nowMs: number): AccessDenied[] {
    return this.take(({ minute }) => Date.parse(minute) + MINUTE_MS <= nowMs);
  }

  takeAll(): AccessDenied[] {
    return this.take(() => true);
  }

  get size(): number {
    return this.rows.size;
  }

  private increment(
    keyId: string | null,
    reason: ErrorCode,
    clientIp: string | null,
    minuteMs: number,
    mayAdd: boolean,
  ): boolean {
    const name = `${minuteMs} ${reason} ${keyId} ${clientIp}`;
    const row = this.rows.get(name);
    if (row) row.count += 1;
    else if (mayAdd) {
      const minute = new Date(minuteMs).toISOString();
      this.rows.set(name, { key_id: keyId, reason, minute, count: 1, client_ip: clientIp });
    }
    return row !== undefined || mayAdd;
  }

  private take(isWanted: (row: Row) => boolean): AccessDenied[] {
    const taken: AccessDenied[] = [];
    for (const [name, row] of this.rows) {
      if (!isWanted(row)) continue;
      taken.push(row);
      this.rows.delete(name);
    }
    return taken;
  }
}
