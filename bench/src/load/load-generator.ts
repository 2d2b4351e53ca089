import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Result, Run } from './runs.ts';
import type { Turns, TurnsResult } from './turns.ts';

/** The load generator, as a process of its own. */
export class LoadGenerator {
  private readonly ended: Promise<never>;

  private constructor(private readonly child: ChildProcess) {
    this.ended = once(child, 'exit').then(() => {
      throw new Error('the load generator has ended');
    });
    this.ended.catch(() => {});
  }

  static start(): LoadGenerator {
    return new LoadGenerator(fork(fileURLToPath(new URL('./load-main.js', import.meta.url))));
  }

  /** One run at a time. @throws Error where the process ends before it */
  run(run: Run): Promise<Result> {
    return this.send(run);
  }

  /** {@link run} of several targets. */
  turns(run: Turns): Promise<TurnsResult> {
    return this.send(run);
  }

  private async send<R>(run: Run | Turns): Promise<R> {
    const answered = once(this.child, 'message');
    this.child.send(run);
    const [result] = await Promise.race([answered, this.ended]);
    return result as R;
  }

  stop(): void {
    this.child.disconnect();
  }
}
