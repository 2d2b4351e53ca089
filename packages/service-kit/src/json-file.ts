import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigError } from './config.ts';

/** Reads and validates a JSON file of configuration. @throws ConfigError that names the file and what is wrong in it */
export function readJsonFile<S extends z.ZodType>(path: string, schema: S, variable: string): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${variable}: ${path} cannot be read as JSON: ${(error as Error).message}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path: at, message }) => `  ${at.join('.')}: ${message}`);
  throw new ConfigError(`${variable}: ${path} is not valid:\n${problems.join('\n')}`);
}
