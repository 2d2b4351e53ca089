/** What a measurement is at, for people: on a terminal one moving line, elsewhere a line per step. */
const startedMs = performance.now();

export function progress(step: string): void {
  const text = `[${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(4)} s] ${step}`;
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text.slice(0, process.stderr.columns - 1)}`);
  else process.stderr.write(`${text}\n`);
}

export function progressDone(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
}
