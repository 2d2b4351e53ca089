import { eventually } from './eventually.ts';

describe('eventually', () => {
  it('tries until the assertion passes and tells how long it took', async () => {
    let tries = 0;
    const took_ms = await eventually(
      () => {
        tries += 1;
        if (tries < 4) throw new Error('not yet');
      },
      { within_ms: 10_000, every_ms: 5 },
    );
    expect(tries).toBe(4);
    expect(took_ms).toBeGreaterThanOrEqual(12);
    expect(took_ms).toBeLessThan(10_000);
  });

  it('tries once where the first try passes', async () => {
    let tries = 0;
    await eventually(async () => tries++, { within_ms: 1000 });
    expect(tries).toBe(1);
  });

  it('fails with the last error, and names the bound', async () => {
    let tries = 0;
    const failing = eventually(
      async () => {
        tries += 1;
        expect(tries).toBe(0);
      },
      { within_ms: 400, every_ms: 5 },
    );
    await expect(failing).rejects.toThrow(/^not within 400 ms: [\s\S]*Received/);
    expect(tries).toBeGreaterThan(1);
  });

  it('does not count the time in which the process itself stands still', async () => {
    let happened = false;
    const waiting = eventually(() => expect(happened).toBe(true), { within_ms: 400, every_ms: 5 });
    setTimeout(() => {
      const end = performance.now() + 600;
      while (performance.now() < end);
      setTimeout(() => {
        happened = true;
      }, 20);
    }, 20);
    expect(await waiting).toBeGreaterThan(600);
  });

  it('does not wait longer than the bound for a try that hangs', async () => {
    const hanging = eventually(() => new Promise(() => {}), { within_ms: 30 });
    await expect(hanging).rejects.toThrow('not within 30 ms: the first try did not end');
  });
});
