import { fieldWord, inOneLine, valueWord } from './change-words.ts';

it.each([
  ['limits.cost_usd', '50.00', '$50.00'],
  ['limits.cost_usd', null, 'no limit'],
  ['limits.tokens', 2_000_000, '2,000,000'],
  ['limits.enforcement', 'hard', 'Never exceed'],
  ['allowed_models', null, 'all'],
  ['allowed_models', ['gpt-4o*', 'claude-*'], 'gpt-4o*, claude-*'],
  ['warning_thresholds', [80, 95], '80 %, 95 %'],
  ['warning_thresholds', [], 'never'],
  ['overlap_seconds', 86_400, '1 d'],
  ['overlap_seconds', 0, 'no time'],
  ['enabled', false, 'no'],
  ['owner', null, 'none'],
  ['limits.reset_period', 'of a later version', 'of a later version'],
])('tells %s of %j as %s', (field, value, told) => {
  expect(valueWord(field, value)).toBe(told);
});

it('calls fields of metadata by their own names', () => {
  expect([fieldWord('metadata.cost_center'), fieldWord('limits.cost_usd')]).toEqual([
    'cost center',
    'Cost limit',
  ]);
});

it('tells the first changes on a line, and how many more there are', () => {
  const changes = [
    { field: 'limits.cost_usd', before: '50.00', after: null },
    { field: 'team_id', before: undefined, after: 'team_1' },
    { field: 'owner', before: 'mira', after: undefined },
    { field: 'purpose', before: 'a', after: 'b' },
  ];
  expect(inOneLine(changes, () => 'Search')).toBe(
    'Cost limit $50.00 → no limit · Team Search · Owner mira → removed · 1 more',
  );
});
