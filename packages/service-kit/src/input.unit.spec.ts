import { z } from 'zod';
import { parseInput } from './input.ts';

const schema = z.strictObject({
  name: z.string(),
  status: z.enum(['active', 'revoked']).optional(),
  limit: z.int().max(5, 'must be at most 5').optional(),
  tags: z.array(z.string()).optional(),
});

describe('what is wrong with an input is said in plain words', () => {
  it.each([
    [{}, 'name: is needed', 'name'],
    [undefined, 'name: is needed', 'name'],
    [{ name: 1 }, 'name: must be text', 'name'],
    [{ name: 'a', status: 'alive' }, 'status: must be one of active, revoked', 'status'],
    [{ name: 'a', limit: 'x' }, 'limit: must be a number', 'limit'],
    [{ name: 'a', limit: 1.5 }, 'limit: must be a whole number', 'limit'],
    [{ name: 'a', limit: 6 }, 'limit: must be at most 5', 'limit'],
    [{ name: 'a', tags: ['b', null] }, 'tags.1: must be text', 'tags.1'],
    ['a', 'must be an object', undefined],
    [{ name: 'a', nmae: 'b' }, 'There is no field "nmae" here; check its spelling or remove it.', 'nmae'],
  ])('%j', (input, message, param) => {
    expect(() => parseInput(schema, input)).toThrow(
      expect.objectContaining({ message, extras: param === undefined ? {} : { param } }),
    );
  });
});
