import fc from 'fast-check';
import { Gathered } from './gathered.ts';

it('is what came, however it was cut, at every moment', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
      const gathered = new Gathered();
      const moments: [Buffer, Buffer][] = [];
      let all = Buffer.alloc(0);
      for (const piece of pieces.map((bytes) => Buffer.from(bytes))) {
        gathered.add(piece);
        all = Buffer.concat([all, piece]);
        moments.push([gathered.bytes, all]);
      }
      for (const [bytes, expected] of moments) expect(bytes.equals(expected)).toBe(true);
      expect([gathered.length, gathered.take().equals(all), gathered.length]).toEqual([all.length, true, 0]);
    }),
  );
});

it('keeps a single piece as it came, and never writes into it', () => {
  const piece = Buffer.from('abcdef').subarray(0, 3);
  const gathered = new Gathered();
  gathered.add(piece);
  expect(gathered.bytes.buffer).toBe(piece.buffer);
  gathered.add(Buffer.from('x'));
  expect([gathered.bytes.toString(), Buffer.from(piece.buffer, piece.byteOffset, 6).toString()]).toEqual([
    'abcx',
    'abcdef',
  ]);
});

it('begins anew when all was taken, and leaves that alone', () => {
  const gathered = new Gathered();
  for (const piece of ['a', 'b', 'c']) gathered.add(Buffer.from(piece));
  const taken = gathered.take();
  for (const piece of ['d', 'e']) gathered.add(Buffer.from(piece));
  expect([taken.toString(), gathered.bytes.toString()]).toEqual(['abc', 'de']);
});

it('holds a million pieces of a byte in a few of their sizes', () => {
  const gathered = new Gathered();
  const piece = Buffer.from('x');
  for (let n = 0; n < 1_000_000; n += 1) gathered.add(piece);
  expect(gathered.length).toBe(1_000_000);
  expect(gathered.bytes.buffer.byteLength).toBeLessThanOrEqual(2_000_002);
});
