import { plainArray, textArray } from './array-literal.ts';

describe('an array literal', () => {
  it.each<[readonly (string | null)[], string]>([
    [[], '{}'],
    [['a', 'b c', ''], '{"a","b c",""}'],
    [['a', null], '{"a",NULL}'],
    [['say "hi"', 'C:\\'], '{"say \\"hi\\"","C:\\\\"}'],
    [['NULL', '{x}', 'a,b'], '{"NULL","{x}","a,b"}'],
  ])('of texts %j', (values, literal) => {
    expect(textArray(values)).toBe(literal);
  });

  it.each<[readonly (number | bigint | boolean | null)[], string]>([
    [[], '{}'],
    [[1, null, -2.5], '{1,NULL,-2.5}'],
    [[2n ** 70n], '{1180591620717411303424}'],
    [[true, false], '{true,false}'],
  ])('of plain values %j', (values, literal) => {
    expect(plainArray(values)).toBe(literal);
  });
});
