import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { type Signable, sign, verify } from './signature.ts';

/** The same by the definition: each part preceded by its length. */
function expected({ topic, key, headers, value }: Signable, secret: Buffer): string {
  const hmac = createHmac('sha256', secret);
  const names = Object.keys(headers)
    .filter((name) => name.startsWith('ce_'))
    .sort();
  for (const part of [topic, key, ...names.flatMap((name) => [name, headers[name]!]), value]) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    hmac.update(length).update(part);
  }
  return `1:${hmac.digest('hex')}`;
}

const record: fc.Arbitrary<Signable> = fc.record({
  topic: fc.string({ unit: 'grapheme' }),
  key: fc.string({ unit: 'grapheme' }),
  headers: fc.dictionary(
    fc.oneof(
      fc.string(),
      fc.string().map((name) => `ce_${name}`),
    ),
    fc.string(),
    {
      noNullPrototype: true,
    },
  ),
  value: fc.uint8Array({ maxLength: 10_000 }).map((bytes) => Buffer.from(bytes)),
});
const secret = fc.uint8Array({ minLength: 1, maxLength: 100 }).map((bytes) => Buffer.from(bytes));

it('is the HMAC-SHA256 of the parts and their lengths, under a key of any length', () => {
  fc.assert(
    fc.property(record, secret, (each, key) => {
      expect(sign(each, [{ version: 1, key }])).toBe(expected(each, key));
      expect(verify(each, expected(each, key), [{ version: 1, key }])).toBe(true);
    }),
  );
});

it('is refused where any part was changed, or the version is not known', () => {
  const key = Buffer.alloc(32, 1);
  const original: Signable = { topic: 't', key: 'k', headers: { ce_id: '1' }, value: Buffer.from('v') };
  const signature = sign(original, [{ version: 1, key }]);
  const others: Partial<Signable>[] = [
    { topic: 'u' },
    { key: 'l' },
    { headers: { ce_id: '2' } },
    { headers: {} },
    { value: Buffer.from('w') },
    // Moved from one part into the next.
    { topic: 'tk', key: '' },
  ];
  for (const other of others) {
    expect(verify({ ...original, ...other }, signature, [{ version: 1, key }])).toBe(false);
  }
  expect(verify(original, signature, [{ version: 2, key }])).toBe(false);
  expect(verify(original, '1:00', [{ version: 1, key }])).toBe(false);
});
