export const FURTHEST_AHEAD_MS = 5 * 60_000;
export const FURTHEST_BEHIND_MS = 35 * 86_400_000;

/**
 * What is wrong with the clock that stamped a record, judged by ours, or `null`: an instant that far off would count
 * in a period it does not belong to, and a record that old is no longer told from its duplicate.
 */
export function clockFault(admittedAtMs: number, nowMs: number): 'ahead' | 'behind' | null {
  if (admittedAtMs > nowMs + FURTHEST_AHEAD_MS) return 'ahead';
  if (admittedAtMs < nowMs - FURTHEST_BEHIND_MS) return 'behind';
  return null;
}
