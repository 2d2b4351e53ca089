import type { Limits, LimitsInput } from '@tollgate/contracts/limits';

/** What key, team and organization have in common: limits that are revised, and counters that are reset. */
export interface Limited {
  readonly limits: Limits;
  /** Grows by one with each change of the limits; starts at 1. */
  readonly limit_revision: number;
  /** Grows by one with each manual reset; starts at 0. */
  readonly generation: number;
}

/** Settings as they are asked for: a field that is absent or undefined stays as it is, and limits merge. */
export type SettingsInput<Settings> = {
  readonly [Field in Exclude<keyof Settings, 'limits'>]?: Settings[Field] | undefined;
} & { readonly limits?: LimitsInput | undefined };

/** What is given replaces what is there; `null` lifts a limit. */
export function mergeLimits(limits: Limits, input: LimitsInput): Limits {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return { ...limits, ...(Object.fromEntries(given) as Partial<Limits>) };
}

/** The settings that would change, with their new values; limits always whole. */
export function changedSettings<Settings extends { readonly limits: Limits }>(
  current: Settings,
  { limits, ...fields }: SettingsInput<Settings>,
): Partial<Settings> {
  const wanted = { ...fields, limits: limits && mergeLimits(current.limits, limits) };
  return Object.fromEntries(
    Object.entries(wanted).filter(
      ([field, value]) => value !== undefined && !same(value, current[field as keyof Settings]),
    ),
  ) as Partial<Settings>;
}

/** A state's settings after a change of some of them. */
export const withSettings = <Settings extends { readonly limits?: Limits }>(
  { limit_revision }: Pick<Limited, 'limit_revision'>,
  change: Settings,
) => ({ ...change, limit_revision: limit_revision + (change.limits ? 1 : 0) });

/** A state's counters after a manual reset. */
export const atZero = ({ generation }: Pick<Limited, 'generation'>) => ({ generation: generation + 1 });

/** Equality of plain JSON values, whatever the order of their fields. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const left = Object.entries(a);
  const right = b as Record<string, unknown>;
  return (
    left.length === Object.keys(b).length &&
    left.every(([field, value]) => Object.hasOwn(right, field) && same(value, right[field]))
  );
}
