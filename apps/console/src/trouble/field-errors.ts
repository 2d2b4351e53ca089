import { AdminApiError } from '@tollgate/admin-client/error';
import type { z } from 'zod';

/** By the field's path, as a form has it: `limits.tokens`. */
export type FieldErrors = Record<string, string>;

/** The field that shows what is wrong at a path: of `allowed_ips.2` it is `allowed_ips`. */
const shownAt = (path: string, shown: readonly string[]) =>
  shown.find((field) => path === field || path.startsWith(`${field}.`));

/**
 * What the API will say of a body, in its words, before it is sent: both read it by the same schema.
 * Only the first problem of a field is told.
 */
export function problemsOf(schema: z.ZodType, body: unknown, shown: readonly string[]): FieldErrors {
  const { error } = schema.safeParse(body);
  const errors: FieldErrors = {};
  for (const { path, message } of error?.issues ?? []) {
    const field = shownAt(path.join('.'), shown);
    if (field !== undefined) errors[field] ??= message;
  }
  return errors;
}

/** The field that a refusal is about, with its words; `null` where it is about none, or of one that is not shown. */
export function fieldErrorOf(error: unknown, shown: readonly string[]): FieldErrors | null {
  if (!(error instanceof AdminApiError) || error.param === null) return null;
  const field = shownAt(error.param, shown);
  if (field === undefined) return null;
  const prefix = `${error.param}: `;
  return { [field]: error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message };
}
