import type { CreateKeyBody, Key, PatchKeyBody } from '@tollgate/contracts/admin-http';
import { type LimitValues, limitsInputOf, limitValuesOf } from '../limits/limit-values.ts';

/** A key as the dialog's fields hold it. */
export interface KeyFormValues {
  name: string;
  team_id: string;
  environment: string;
  owner: string;
  purpose: string;
  /** RFC 3339; `null` is never. */
  expires_at: string | null;
  limits: LimitValues;
  allowed_models: string[];
  allowed_ips: string[];
  /** A line each: `cost_center: 42`. */
  metadata: string;
}

export const SHOWN_FIELDS: readonly string[] = [
  ...['name', 'team_id', 'environment', 'owner', 'purpose', 'expires_at'],
  ...['limits.cost_usd', 'limits.tokens', 'limits.requests_per_minute'],
  ...['limits.reset_period', 'limits.timezone', 'limits.enforcement'],
  ...['allowed_models', 'allowed_ips', 'metadata'],
];
/** Those that the dialog folds away: a problem with one opens it. */
export const ADVANCED_FIELDS: readonly string[] = [
  'owner',
  'purpose',
  'allowed_models',
  'allowed_ips',
  'metadata',
];

export const emptyKey = (teamId: string): KeyFormValues => ({
  ...{ name: '', team_id: teamId, environment: '', owner: '', purpose: '', expires_at: null },
  ...{ limits: limitValuesOf(), allowed_models: [], allowed_ips: [], metadata: '' },
});

export const valuesOf = (key: Key): KeyFormValues => ({
  name: key.name,
  team_id: key.team_id,
  environment: key.environment ?? '',
  owner: key.owner ?? '',
  purpose: key.purpose ?? '',
  expires_at: key.expires_at,
  limits: limitValuesOf(key.limits),
  allowed_models: key.allowed_models ?? [],
  allowed_ips: key.allowed_ips ?? [],
  metadata: Object.entries(key.metadata)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n'),
});

const labelOf = (text: string) => (text.trim() === '' ? null : text.trim());
const listOf = (entries: string[]) => (entries.length === 0 ? null : entries);

function metadataOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [line.trim(), ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
}

export function patchOf(values: KeyFormValues): PatchKeyBody {
  return {
    name: values.name,
    environment: labelOf(values.environment),
    owner: labelOf(values.owner),
    purpose: labelOf(values.purpose),
    expires_at: values.expires_at,
    limits: limitsInputOf(values.limits),
    allowed_models: listOf(values.allowed_models),
    allowed_ips: listOf(values.allowed_ips),
    metadata: metadataOf(values.metadata),
  };
}

export const creationOf = (values: KeyFormValues): CreateKeyBody => ({
  ...patchOf(values),
  name: values.name,
  team_id: values.team_id,
});
