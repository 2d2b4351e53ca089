import { csvHead, csvRows } from './csv.ts';

it('writes texts that a spreadsheet would run so that it does not, and amounts as amounts', () => {
  const written = (value: unknown) => csvRows(['value'], [{ value }]).replace(/\n$/, '');
  expect(['=1+1', '+a', '-cmd', '@sum', '\tx'].map(written)).toEqual([
    "'=1+1",
    "'+a",
    "'-cmd",
    "'@sum",
    "'\tx",
  ]);
  expect(['-12.50', '0.000000000001', 7, 2n ** 64n, true].map(written)).toEqual([
    '-12.50',
    '0.000000000001',
    '7',
    '18446744073709551616',
    'true',
  ]);
});

it('quotes as RFC 4180 says', () => {
  expect(csvHead(['a', 'b']) + csvRows(['a', 'b'], [{ a: 'x,y', b: 'say "hi"' }])).toBe(
    'a,b\n"x,y","say ""hi"""\n',
  );
});
