const DAY_MS = 86_400_000;

/** Days before a key's expiry from which its administrators are told, the earliest first. */
export const NOTICE_DAYS = [7, 1] as const;
export type NoticeDays = (typeof NOTICE_DAYS)[number];
export const EARLIEST_NOTICE_MS = NOTICE_DAYS[0] * DAY_MS;

/** Which notice of a key's expiry is due; `null` when it is too early, or the key has expired. */
export function noticeDue(expiresAtMs: number, nowMs: number): NoticeDays | null {
  if (nowMs >= expiresAtMs) return null;
  return NOTICE_DAYS.findLast((days) => nowMs >= expiresAtMs - days * DAY_MS) ?? null;
}

/** A notice and those before it, which it makes needless. */
export const settledBy = (notice: NoticeDays): NoticeDays[] => NOTICE_DAYS.filter((days) => days >= notice);

/** The same notice has the same id, whoever tells it and however often; a new expiry has new ones. */
export const noticeId = (keyId: string, expiresAt: string, days: NoticeDays): string =>
  `${keyId}/expires/${expiresAt}/${days}d`;
