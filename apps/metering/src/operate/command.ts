import { outcomeOf } from '@tollgate/service-kit/progress';

/** All options; what a command does not take, it ignores. */
export const options = {
  repair: { type: 'boolean' },
  'keep-months': { type: 'string' },
  key: { type: 'string' },
  'cost-usd': { type: 'string' },
  tokens: { type: 'string' },
  id: { type: 'string' },
  reason: { type: 'string' },
  limits: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  scope: { type: 'string' },
  provider: { type: 'string' },
  model: { type: 'string' },
  prices: { type: 'string' },
  apply: { type: 'boolean' },
  out: { type: 'string' },
  partitions: { type: 'string' },
  tolerance: { type: 'string' },
  actor: { type: 'string', default: 'operator' },
} as const;

export type Values = { readonly [Name in keyof typeof options]?: string | boolean | undefined };
/** What a command does on a database, or on topics; what it answers is printed. */
export type Command<On> = (on: On, values: Values, names: string[]) => Promise<unknown>;

/** The fields that were given. */
export const given = (fields: object) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** Shows how work goes on while it does. */
export const follow = <Progress, Result>(
  work: AsyncGenerator<Progress, Result>,
  show: (progress: Progress) => string,
): Promise<Result> => outcomeOf(work, (progress) => process.stderr.write(show(progress)));
