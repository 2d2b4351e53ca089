import { limitsInput, UNLIMITED } from '@tollgate/contracts/limits';
import { problemsOf } from '../trouble/field-errors.ts';
import { limitsInputOf, limitValuesOf } from './limit-values.ts';

const SHOWN = ['cost_usd', 'tokens', 'requests_per_minute'];
const filled = (fields: object) => limitsInputOf({ ...limitValuesOf(), ...fields });

it('leaves limits as they are when nothing is written', () => {
  const limits = { ...UNLIMITED, cost_usd: '12.50', tokens: 2_000_000, reset_period: 'monthly' as const };
  expect(limitsInput.parse(limitsInputOf(limitValuesOf(limits)))).toEqual(limits);
  expect(limitsInput.parse(filled({}))).toEqual(UNLIMITED);
});

it('takes an amount to the last digit, its thousands parted or not', () => {
  expect(limitsInput.parse(filled({ cost_usd: ' 9,007,199,254,740,993.000000000001 ' })).cost_usd).toBe(
    '9007199254740993.000000000001',
  );
});

it('tells in the words of the API what cannot be a limit', () => {
  expect(
    problemsOf(limitsInput, filled({ cost_usd: '0', tokens: 1.5, requests_per_minute: 'many' }), SHOWN),
  ).toEqual({
    cost_usd: 'must be greater than 0; null means unlimited',
    tokens: 'must be a whole number',
    requests_per_minute: 'must be a whole number',
  });
});
