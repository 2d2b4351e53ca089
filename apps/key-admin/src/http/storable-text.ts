import type { PipeTransform } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';

/** Deeper than any body of this API; what is deeper is refused for its fields, not walked. */
const MAX_DEPTH = 8;

/** Refuses text that PostgreSQL cannot keep as it came: NUL and lone surrogates. */
export class StorableText implements PipeTransform {
  transform(value: unknown): unknown {
    refuseUnstorable(value, '', 0);
    return value;
  }
}

function refuseUnstorable(value: unknown, param: string, depth: number): void {
  if (typeof value === 'string' && isUnstorable(value)) throw unstorable(param);
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  for (const [field, inner] of Object.entries(value)) {
    if (isUnstorable(field)) throw unstorable(param || 'body');
    refuseUnstorable(inner, param ? `${param}.${field}` : field, depth + 1);
  }
}

/** Read by code points, a surrogate is one without its other half. */
const isUnstorable = (text: string) => text.includes('\0') || /\p{Cs}/u.test(text);

const unstorable = (param: string) =>
  new TollgateError('invalid_field', `${param}: must not contain NUL or broken Unicode`, { param });
