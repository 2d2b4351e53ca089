import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beginIn, successorIn } from './instance-id.ts';

describe('the gateway that works in a directory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tollgate-instance-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('keeps the name that was made for it', () => {
    const first = beginIn(directory, undefined, 1_000);
    expect(beginIn(directory, undefined, 2_000)).toEqual({ instance: first.instance, incarnation: 2_000 });
  });

  it('grows with every start, be the clock set back', () => {
    const numbers = [5_000, 3_000, 3_000, 9_000].map((nowMs) => beginIn(directory, 'gw', nowMs).incarnation);
    expect(numbers).toEqual([5_000, 5_001, 5_002, 9_000]);
  });

  it('is succeeded by its name of before, when it is given another', () => {
    expect(successorIn(directory)).toBeNull();
    beginIn(directory, 'old', 1_000);
    expect(successorIn(directory)).toEqual({ instance: 'old', incarnation: 1_001 });
    expect(beginIn(directory, 'new', 2_000)).toEqual({ instance: 'new', incarnation: 2_000 });
  });
});
