import { toldInTime } from './told-in-time.ts';

it('is what was told', async () => {
  expect(await toldInTime(Promise.resolve(7))).toBe(7);
});

it('is NaN where it cannot be told, and where nobody answers', async () => {
  expect(await toldInTime(Promise.reject(new Error('away')))).toBeNaN();
  expect(await toldInTime(new Promise(() => undefined), 1)).toBeNaN();
});
