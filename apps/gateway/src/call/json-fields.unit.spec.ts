import fc from 'fast-check';
import { BadJson, findFields } from './json-fields.ts';

const find = (text: string, ...names: string[]) => {
  const body = Buffer.from(text);
  const found = findFields(body, new Set(names));
  return Object.fromEntries(
    [...found].map(([name, { start, end }]) => [name, body.toString('utf8', start, end)]),
  );
};

describe('top-level fields of a JSON text', () => {
  it.each([
    ['plain', '{"model":"m","n":2}', { model: '"m"', n: '2' }],
    ['spaced', ' {\n "model" :\t"m" , "n" : 2 }\r\n', { model: '"m"', n: '2' }],
    ['with an escaped quote', '{"x":"a\\"b\\\\","model":"m"}', { model: '"m"' }],
    ['named with escapes', '{"mod\\u0065l":"m"}', { model: '"m"' }],
    ['of the same name further down', '{"x":{"model":"no","y":["}"]},"model":"m"}', { model: '"m"' }],
    ['that nest', '{"n":[1,{"a":"]"}],"model":null}', { n: '[1,{"a":"]"}]', model: 'null' }],
    ['none', '{}', {}],
    ['unnamed ones twice', '{"x":1,"x":2,"model":"m"}', { model: '"m"' }],
    ['a prototype', '{"__proto__":{"model":"no"},"model":"m"}', { model: '"m"' }],
  ])('%s', (_, text, expected) => {
    expect(find(text, 'model', 'n')).toEqual(expected);
  });

  it('are those that JSON.parse finds, for any object written in any spacing', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(0, 1, '\t'),
        (value, spacing) => {
          const text = JSON.stringify(value, null, spacing);
          const found = find(text, ...Object.keys(value));
          const parsed = Object.fromEntries(
            Object.entries(found).map(([name, raw]) => [name, JSON.parse(raw)]),
          );
          expect(parsed).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  it.each([
    '',
    'null',
    '[]',
    '"model"',
    '{',
    '{"model"',
    '{"model":',
    '{"model":}',
    '{"model":"m"',
    '{"model":"m",}',
    '{"model":"m" "n":1}',
    '{"model":"m"} {}',
    '{model:"m"}',
    "{'model':'m'}",
    '{"x":[}',
    '{"x":"never ends',
    '{"x":"\\"}',
    '{"\\q":1}',
    `{"x":[{'a':"'"}]}`,
    '{"x":[1/*"*/]}',
    '{"x":1/*,"y":"*/}',
    '{"x":0x22}',
    '{"x":[yes]}',
    '{"x":["a" # "\n]}',
    `{"x":${'['.repeat(100_000)}`,
    `{"x":${'[{"a":'.repeat(50_000)}`,
  ])('are not looked for in what is no JSON object: %s', (text) => {
    expect(() => find(text, 'model')).toThrow(BadJson);
  });

  it.each([
    ['"[{"', 0],
    ['1.5e+3', 0],
    ['null', 0],
    ['[]', 1],
    ['["[",false]', 1],
    ['[{"content":"a"}]', 2],
    ['[{"content":["a"]},[]]', 3],
  ])('%s goes %d deep', (value, depth) => {
    expect(findFields(Buffer.from(`{"x":${value}}`), new Set(['x'])).get('x')?.depth).toBe(depth);
  });

  it('that come twice are refused, however they are written', () => {
    expect(() => find('{"model":"a","mod\\u0065l":"b"}', 'model')).toThrow('"model" is there twice');
  });

  it('never throw anything but BadJson, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          findFields(Buffer.from(bytes), new Set(['model']));
        } catch (error) {
          expect(error).toBeInstanceOf(BadJson);
        }
      }),
    );
  });
});
