import { changesOf } from './changes.ts';

it('names the fields that changed, those of limits too, and no other', () => {
  const before = { name: 'search', limits: { cost_usd: '50.00', tokens: null }, limit_revision: 1 };
  const after = {
    ...{ name: 'search', limits: { cost_usd: '80.00', tokens: null }, limit_revision: 2 },
    allowed_models: ['gpt-4o*'],
  };
  expect(changesOf(before, after)).toEqual([
    { field: 'limits.cost_usd', before: '50.00', after: '80.00' },
    { field: 'allowed_models', before: undefined, after: ['gpt-4o*'] },
  ]);
});

it('tells that a limit was lifted, and that one was set', () => {
  expect(changesOf({ tokens: 5 }, { tokens: null })).toEqual([{ field: 'tokens', before: 5, after: null }]);
  expect(changesOf({ tokens: null }, { tokens: 5 })).toEqual([{ field: 'tokens', before: null, after: 5 }]);
});

it('has the fields of what is new that hold something, and all of what went', () => {
  expect(changesOf(null, { name: 'a', owner: null })).toEqual([
    { field: 'name', before: undefined, after: 'a' },
  ]);
  expect(changesOf({ enabled: true }, null)).toEqual([{ field: 'enabled', before: true, after: undefined }]);
});

it('takes a list for one value', () => {
  expect(changesOf({ events: ['a', 'b'] }, { events: ['a', 'b'] })).toEqual([]);
  expect(changesOf({ events: ['a'] }, { events: ['a', 'b'] })).toHaveLength(1);
});
