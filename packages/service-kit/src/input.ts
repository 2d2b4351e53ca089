import type { PipeTransform } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import type { z } from 'zod';

/** Validates a value from outside. @throws TollgateError `unknown_field` or `invalid_field` with the field's path */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value ?? {}, { error: inPlainWords });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const param = [...issue.path, issue.keys[0]].join('.');
    throw new TollgateError(
      'unknown_field',
      `There is no field "${param}" here; check its spelling or remove it.`,
      {
        param,
      },
    );
  }
  const param = issue.path.join('.');
  const message = param ? `${param}: ${issue.message}` : issue.message;
  throw new TollgateError('invalid_field', message, param ? { param } : {});
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What a field must be, where its schema does not say it in words of its own. */
const inPlainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.input === undefined) return 'is needed';
  return `must be ${KINDS[issue.expected] ?? issue.expected}`;
};

/** {@link parseInput} as a Nest pipe: `@Body(new Input(createKeyBody)) body: CreateKeyBody`. */
export class Input<S extends z.ZodType> implements PipeTransform<unknown, z.output<S>> {
  constructor(private readonly schema: S) {}

  transform(value: unknown): z.output<S> {
    return parseInput(this.schema, value);
  }
}
