import { holdRate, type Run, saturate } from './runs.ts';
import { type Turns, takeTurns } from './turns.ts';

/** The load generator's process: does the runs that its parent sends it, one at a time. */
process.on('message', (run: Run | Turns) => {
  void done(run).then((result) => process.send!(result));
});
process.on('disconnect', () => process.exit(0));

function done(run: Run | Turns) {
  switch (run.kind) {
    case 'saturation':
      return saturate(run);
    case 'fixed-rate':
      return holdRate(run);
    case 'turns':
      return takeTurns(run);
  }
}
