/** Runs work that tells its progress to its end. */
export async function outcomeOf<Progress, Result>(
  work: AsyncGenerator<Progress, Result>,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<Result> {
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
    onProgress(value);
  }
}
