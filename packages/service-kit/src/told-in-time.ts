/** Prometheus gives a whole scrape up after 10 s, and with it every other figure. */
const PATIENCE_MS = 3_000;

/** A figure that a broker or database has to tell; NaN where it does not, or not within 3 s. */
export async function toldInTime(asked: Promise<number>, patienceMs = PATIENCE_MS): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<number>((resolve) => {
    timer = setTimeout(() => resolve(Number.NaN), patienceMs);
  });
  try {
    return await Promise.race([asked.catch(() => Number.NaN), late]);
  } finally {
    clearTimeout(timer);
  }
}
