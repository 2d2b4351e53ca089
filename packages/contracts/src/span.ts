import { z } from 'zod';
import { instantInput } from './instant.ts';

const DAY_MS = 86_400_000;

interface SpanInput {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}
export const spanFields = { from: instantInput.optional(), to: instantInput.optional() };
/** What must hold of [from, to), where both are given. */
export const checkSpan = ({ from, to }: SpanInput, mostDays: number, ctx: z.core.$RefinementCtx) => {
  if (from === undefined || to === undefined) return;
  const ms = Date.parse(to) - Date.parse(from);
  const fail = (message: string) => ctx.addIssue({ code: 'custom', path: ['from'], message });
  if (ms <= 0) fail('must be before "to"');
  else if (ms > mostDays * DAY_MS) fail(`must be at most ${mostDays} days before "to"`);
};

/** [from, to) as a question means it. */
export function spanOf({ from, to }: SpanInput, nowMs: number): { from: string; to: string } {
  const end = to ?? new Date(nowMs).toISOString();
  return { from: from ?? new Date(Date.parse(end) - DAY_MS).toISOString(), to: end };
}
