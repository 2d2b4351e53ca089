#!/usr/bin/env node
import { CommandFailed, repository, requireInstalled, run, turbo, whenNpmIsGone } from './commands.mjs';
import { createSteps } from './steps.mjs';

/** npm hands a Ctrl-C on that the terminal has sent us already; only a later one is a second one. */
const SAME_CTRL_C_MS = 1_000;

requireInstalled();
const steps = createSteps(process.stdout);
let system;
let stopAskedMs;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    const nowMs = performance.now();
    if (stopAskedMs === undefined) {
      stopAskedMs = nowMs;
      process.stdout.write('\n');
      void stopAndExit(0);
    } else if (signal === 'SIGINT' && nowMs - stopAskedMs > SAME_CTRL_C_MS) {
      // Leaving kills what is left of our processes.
      process.exit(130);
    }
  });
}

whenNpmIsGone(() => process.kill(process.pid, 'SIGTERM'));

async function stopAndExit(code) {
  try {
    await system?.stop();
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    code = 1;
  }
  process.exit(code);
}

try {
  await steps.step('Build', () =>
    run(turbo('build', '--filter=@tollgate/dev-stack', '--filter=@tollgate/testing', '--filter=./apps/*')),
  );
  const { System } = await import('../dist/start.js');
  const { readSettings } = await import('../dist/settings.js');
  system = new System(readSettings(repository, process.env), steps);
  process.stdout.write(await system.start());
  const failure = await system.lost;
  if (stopAskedMs === undefined) throw failure;
} catch (error) {
  // What breaks while we stop is what we stop.
  if (stopAskedMs === undefined) {
    stopAskedMs = performance.now();
    const plain = error instanceof CommandFailed ? `${error.message}:\n${error.output}` : error.message;
    process.stderr.write(
      `\n${error.name === 'StartFailure' || error instanceof CommandFailed ? plain : error.stack}\n\n`,
    );
    await stopAndExit(1);
  }
}
