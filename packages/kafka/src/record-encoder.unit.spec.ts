import fc from 'fast-check';
import { originalEncoder } from './kafkajs.ts';
import { encodeRecord } from './record-encoder.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const record = fc.record({
  offsetDelta: fc.nat(1_000_000),
  timestampDelta: fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
  key: fc.option(text),
  value: fc.option(text),
  headers: fc.dictionary(fc.string({ maxLength: 40 }), fc.oneof(text, fc.array(text, { maxLength: 3 })), {
    noNullPrototype: true,
  }),
});

it('writes any record as kafkajs does, byte for byte', () => {
  fc.assert(
    fc.property(record, (each) => {
      expect(encodeRecord(each).buffer.equals(originalEncoder(each).buffer)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('writes values of 64 KiB and more', () => {
  const value = Buffer.alloc(100_000, 'x');
  expect(encodeRecord({ key: 'k', value }).buffer.equals(originalEncoder({ key: 'k', value }).buffer)).toBe(
    true,
  );
});
