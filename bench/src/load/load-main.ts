import { holdRate, type Run, saturate } from './runs.ts';

/** The load generator's process: does the runs that its parent sends it, one at a time. */
process.on('message', (run: Run) => {
  const result = run.kind === 'saturation' ? saturate(run) : holdRate(run);
  void result.then((done) => process.send!(done));
});
process.on('disconnect', () => process.exit(0));
