const DAY_MS = 86_400_000;

/** Days before a key's expiry from which its administrators are told, the earliest first. */
export const NOTICE_DAYS = [7, 1] as const;
export type NoticeDays = (typeof NOTICE_DAYS)[number];

/** Which notice of a key's expiry is due: the last one, which makes those before it needless; `null` where none is. */
export function noticeDue(expiresAtMs: number, nowMs: number): NoticeDays | null {
  if (nowMs >= expiresAtMs) return null;
  return NOTICE_DAYS.findLast((days) => nowMs >= expiresAtMs - days * DAY_MS) ?? null;
}

/** The same notice has the same id, whoever tells it and however often; a new expiry has new ones. */
export const noticeId = (keyId: string, expiresAt: string, days: NoticeDays): string =>
  `${keyId}/expires/${expiresAt}/${days}d`;
