import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../../', import.meta.url));

const LEAST_NODE = [20, 19];

/** Says in one sentence what this machine lacks before anything is built, and ends. */
export function requireInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
    fail(`Tollgate needs Node ${LEAST_NODE.join('.')} or newer, and this is ${process.versions.node}.`);
  }
  if (!existsSync(`${repository}node_modules/turbo`))
    fail('Dependencies are not installed: run `npm ci` first.');
}

export function fail(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}

const PARENT_CHECK_MS = 500;

/**
 * npm hands a SIGTERM on to the shell that it runs a script in, and that shell ends without telling us: so what a
 * script has started is stopped when its shell has gone.
 */
export function whenNpmIsGone(callback) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    callback();
  }, PARENT_CHECK_MS);
  check.unref();
}

/** A command that did not end well; `output` is all it said. */
export class CommandFailed extends Error {
  constructor(command, code, output) {
    super(`\`${command}\` failed`);
    this.code = code ?? 1;
    this.output = output;
  }
}

/** The tool that runs now, for {@link interrupt}. */
let current;

/** Hands a signal on to the tool that runs; {@link run} fails when it is gone. */
export const interrupt = (signal) => current?.kill(signal);

/**
 * Runs one of the repository's tools, quietly unless `show` is set.
 * @throws CommandFailed with its exit code and output
 */
export const run = (args, options) => runProgram(process.execPath, args, options);

/** The same with a program of the machine's. */
export function runProgram(program, args, { show = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: repository,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DEBIAN_FRONTEND: 'noninteractive', ...env },
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    current = child;
    let output = '';
    for (const stream of show ? [] : [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new CommandFailed(args.join(' '), code, output));
    });
  });
}

export const tool = (path) => `${repository}node_modules/${path}`;

/** Turbo ships as a binary behind this script. */
export const turbo = (...args) => [tool('turbo/bin/turbo'), 'run', ...args, '--output-logs=errors-only'];
