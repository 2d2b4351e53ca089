import type { Key, KeyStatus, OverviewMeter } from '@tollgate/contracts/admin-http';

export const STATUS_WORDS: Record<KeyStatus, string> = {
  active: 'Active',
  disabled: 'Disabled',
  expired: 'Expired',
  revoked: 'Deleted',
};

/** A key that expires within a week is told so before it stops. */
const SOON_MS = 7 * 86_400_000;

export const expiresSoon = ({ expires_at, status }: Key, nowMs: number): boolean =>
  status === 'active' && expires_at !== null && Date.parse(expires_at) - nowMs < SOON_MS;

/** What the state of a key comes to: whether it works, and if not, why. */
export type Standing = KeyStatus | 'blocked';

export const standingOf = ({ status }: Key, meter: OverviewMeter | undefined): Standing =>
  status === 'active' && meter !== undefined && meter.blocked.length > 0 ? 'blocked' : status;
