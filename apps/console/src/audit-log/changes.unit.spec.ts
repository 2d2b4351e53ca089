import { changesOf } from './changes.ts';

it('names the fields that changed, those of limits too, and no other', () => {
  const before = { name: 'search', limits: { cost_usd: '50.00', tokens: null } };
  const after = { name: 'search', limits: { cost_usd: '80.00', tokens: null }, allowed_models: ['gpt-4o*'] };
  expect(changesOf(before, after)).toEqual([
    { field: 'limits.cost_usd', before: '50.00', after: '80.00' },
    { field: 'allowed_models', before: null, after: '["gpt-4o*"]' },
  ]);
});

it('has all fields of what was made, and of what went', () => {
  expect(changesOf(null, { name: 'a' })).toEqual([{ field: 'name', before: null, after: 'a' }]);
  expect(changesOf({ enabled: true }, null)).toEqual([{ field: 'enabled', before: 'true', after: null }]);
});
