import { freePort } from './ports.ts';

it('gives no port twice, however many are asked for', async () => {
  const ports = new Set<number>();
  for (let n = 0; n < 2_000; n += 1) ports.add(await freePort());
  expect(ports.size).toBe(2_000);
});
