import type { LimitsInput } from '@tollgate/contracts/limits';
import { type Command, Option } from 'commander';
import { Complaint } from './context.ts';

export interface LimitFields {
  readonly costUsd?: string;
  readonly tokens?: string;
  readonly requestsPerMinute?: string;
  readonly resetPeriod?: LimitsInput['reset_period'];
  readonly timezone?: string;
  readonly enforcement?: LimitsInput['enforcement'];
}

const PERIODS = ['never', 'daily', 'weekly', 'monthly', 'yearly'];

export const json = () => new Option('--json', 'for machines');

/** Options for the limits of a key or a team. */
export const withLimits = (command: Command): Command =>
  command
    .option('--cost-usd <amount>', 'limit in US dollars; "null" lifts it')
    .option('--tokens <count>', 'limit; "null" lifts it')
    .option('--requests-per-minute <count>', 'limit; "null" lifts it')
    .addOption(new Option('--reset-period <period>', 'when cost and tokens start anew').choices(PERIODS))
    .option('--timezone <zone>', 'where the period begins, such as Europe/Berlin')
    .addOption(new Option('--enforcement <kind>').choices(['soft', 'hard']));

/** What the options say, as the API has it; `{}` where they say nothing. @throws Complaint */
export function limitsOf(fields: LimitFields): { limits?: LimitsInput } {
  const { costUsd, tokens, requestsPerMinute, resetPeriod, timezone, enforcement } = fields;
  const limits: LimitsInput = {
    ...(costUsd !== undefined && { cost_usd: orNull(costUsd) }),
    ...(tokens !== undefined && { tokens: countOrNull('--tokens', tokens) }),
    ...(requestsPerMinute !== undefined && {
      requests_per_minute: countOrNull('--requests-per-minute', requestsPerMinute),
    }),
    ...(resetPeriod && { reset_period: resetPeriod }),
    ...(timezone && { timezone }),
    ...(enforcement && { enforcement }),
  };
  return Object.keys(limits).length > 0 ? { limits } : {};
}

export const orNull = (text: string) => (text === 'null' ? null : text);

/** What is no number must not become one, nor `null`, which would lift a limit. @throws Complaint */
export function count(option: string, text: string, also = ''): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Complaint(`${option} must be a whole number, such as 100000${also}; it is "${text}".`);
}

const countOrNull = (option: string, text: string) =>
  text === 'null' ? null : count(option, text, ', or "null" for none');
