import type { Fact } from './fact.ts';
import { REMEMBERED, RecentFacts } from './recent-facts.ts';

const fact = (teamId: string): Fact => ({
  event: 'changed',
  data: {},
  isFor: (reader) => reader === null || reader === teamId,
});

it('gives what came after an id, and says where it cannot', () => {
  const recent = new RecentFacts();
  const beginning = recent.lastFor(null);
  const told = Array.from({ length: 5 }, () => recent.add(fact('a')));
  expect(recent.after(beginning)).toEqual(told);
  expect(recent.after(told[2]!.id)).toEqual(told.slice(3));
  expect(recent.after(recent.lastFor(null))).toEqual([]);
  expect(new RecentFacts().after(told[2]!.id)).toBeNull();
  for (let n = 0; n < REMEMBERED - 2; n += 1) recent.add(fact('a'));
  expect([recent.after(beginning), recent.after(told[1]!.id)]).toEqual([null, null]);
  expect(recent.after(told[2]!.id)).toHaveLength(REMEMBERED);
});

it('gives a reader of one team an id that does not move with what happens in others', () => {
  const recent = new RecentFacts();
  const { id } = recent.add(fact('a'));
  recent.add(fact('b'));
  expect([recent.lastFor('a'), recent.lastFor('c')]).toEqual([id, recent.lastFor('c')]);
  const untold = recent.lastFor('c');
  recent.add(fact('b'));
  expect(recent.lastFor('c')).toBe(untold);
});
