import { atBest } from './at-best.ts';

/** Fails so many times, saying the how manieth it was. */
function failing(times: number) {
  let played = 0;
  const scenario = async () => {
    played += 1;
    if (played <= times) throw new Error(`failed ${played}`);
  };
  return { scenario, played: () => played };
}

describe('a scenario at its best', () => {
  it.each([
    [0, 1],
    [1, 2],
    [2, 3],
  ])('that fails %i times is played %i times', async (times, expected) => {
    const { scenario, played } = failing(times);
    await atBest(scenario);
    expect(played()).toBe(expected);
  });

  it('fails with its last error where it never holds', async () => {
    const { scenario, played } = failing(9);
    await expect(atBest(scenario)).rejects.toThrow('failed 3');
    expect(played()).toBe(3);
  });
});
