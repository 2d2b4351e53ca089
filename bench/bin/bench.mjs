#!/usr/bin/env node
import {
  CommandFailed,
  requireInstalled,
  run,
  turbo,
  whenNpmIsGone,
} from '../../packages/dev-stack/bin/commands.mjs';

/** Builds what is measured and runs the benchmark that the arguments name. */
requireInstalled();
try {
  await run(turbo('build', '--filter=@tollgate/bench'));
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  process.stderr.write(`${error.output}\n${error.message}\n`);
  process.exit(error.code);
}
whenNpmIsGone(() => process.kill(process.pid, 'SIGTERM'));
await import('../dist/main.js');
