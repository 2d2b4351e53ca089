import { noticeDue, noticeId } from './expiry-notice.ts';

const EXPIRY = Date.parse('2026-12-01T00:00:00.000Z');
const DAY_MS = 86_400_000;

it.each([
  ['more than a week', -7 * DAY_MS - 1, null],
  ['a week', -7 * DAY_MS, 7],
  ['more than a day', -DAY_MS - 1, 7],
  ['a day', -DAY_MS, 1],
  ['a moment', -1, 1],
  ['no time', 0, null],
])('%s before the expiry', (_, offsetMs, notice) => {
  expect(noticeDue(EXPIRY, EXPIRY + offsetMs)).toBe(notice);
});

it('another expiry of the key is another notice', () => {
  const ids = [noticeId('key_a', 'x', 7), noticeId('key_a', 'y', 7), noticeId('key_a', 'x', 1)];
  expect(new Set(ids).size).toBe(3);
});
