import { count } from '../figures/count.ts';
import { atSecond, span } from '../figures/instant.ts';
import { usd } from '../figures/money.ts';
import { ENFORCEMENT_WORDS, PERIOD_WORDS } from '../limits/words.ts';
import type { Change } from './changes.ts';

const FIELD_WORDS: Readonly<Record<string, string>> = {
  name: 'Name',
  'limits.cost_usd': 'Cost limit',
  'limits.tokens': 'Token limit',
  'limits.requests_per_minute': 'Requests/min',
  'limits.reset_period': 'Resets',
  'limits.timezone': 'Time zone',
  'limits.enforcement': 'When reached',
  allowed_models: 'Models',
  allowed_ips: 'IP addresses',
  expires_at: 'Expires',
  enabled: 'Enabled',
  team_id: 'Team',
  owner: 'Owner',
  environment: 'Environment',
  purpose: 'Purpose',
  role: 'Role',
  last_four: 'Secret ends in',
  overlap_seconds: 'Old secret works for',
  revoked_at: 'Ended',
  deleted_at: 'Deleted',
  warning_thresholds: 'Warns at',
  host: 'Host',
  description: 'Description',
  events: 'Is told',
  delivery_id: 'Delivery',
  reason: 'Reason',
};

/** A field as people call it; of metadata by its own name. */
export const fieldWord = (field: string): string =>
  FIELD_WORDS[field] ?? field.replace(/^metadata\./, '').replaceAll('_', ' ');

/** What a field holds where it holds nothing. */
const NOTHING: Readonly<Record<string, string>> = {
  'limits.cost_usd': 'no limit',
  'limits.tokens': 'no limit',
  'limits.requests_per_minute': 'no limit',
  allowed_models: 'all',
  allowed_ips: 'all',
  expires_at: 'never',
  team_id: 'all teams',
  events: 'everything',
};

const TOLD: Readonly<Record<string, (value: string) => string>> = {
  'limits.cost_usd': usd,
  'limits.tokens': (value) => count(Number(value)),
  'limits.requests_per_minute': (value) => count(Number(value)),
  'limits.reset_period': (value) => PERIOD_WORDS[value as keyof typeof PERIOD_WORDS] ?? value,
  'limits.enforcement': (value) => ENFORCEMENT_WORDS[value as keyof typeof ENFORCEMENT_WORDS]?.[0] ?? value,
  overlap_seconds: (value) => (value === '0' ? 'no time' : span(Number(value) * 1_000)),
  expires_at: atSecond,
  revoked_at: atSecond,
  deleted_at: atSecond,
};

/** A value as the page has it everywhere else: `limits.cost_usd` of `50.00` is `$50.00`, and of `null` `no limit`. */
export function valueWord(field: string, value: unknown): string {
  if (value === null) return NOTHING[field] ?? 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (field === 'warning_thresholds' && Array.isArray(value))
    return value.length === 0 ? 'never' : value.map((percent) => `${percent} %`).join(', ');
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (typeof value !== 'string' && typeof value !== 'number') return JSON.stringify(value);
  return TOLD[field]?.(String(value)) ?? String(value);
}

/** The same, and teams by their names. */
export const wordsWith =
  (teamName: (teamId: string) => string) =>
  (field: string, value: unknown): string =>
    field === 'team_id' && typeof value === 'string' ? teamName(value) : valueWord(field, value);

const SHOWN = 3;

/** The first changes on one line: `Cost limit $50.00 → $80.00 · Name search → ranking · 2 more`. */
export function inOneLine(changes: readonly Change[], teamName: (teamId: string) => string): string {
  const told = wordsWith(teamName);
  const first = changes.slice(0, SHOWN).map(({ field, before, after }) => {
    const became = after === undefined ? 'removed' : told(field, after);
    return `${fieldWord(field)} ${before === undefined ? became : `${told(field, before)} → ${became}`}`;
  });
  const more = changes.length - first.length;
  return [...first, ...(more > 0 ? [`${more} more`] : [])].join(' · ');
}
