import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { newId } from '@tollgate/service-kit/ids';
import { newToken } from '@tollgate/service-kit/tokens';
import { CLOCK_PRELOAD_ARGS, shiftClock } from '@tollgate/testing/clock-shift';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
export const EVENT_KEY = Buffer.alloc(32, 1);
export const INTERNAL_TOKEN = 'internal token of the spec';
export const ADMIN_ID = newId('adm');
export const ADMIN_KEY = newToken('tga', ADMIN_ID).token;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: specs look into bodies whose shape is what they check.
  readonly body: any;
}

export type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

export interface Settings {
  readonly databaseUrl: string;
  readonly topicPrefix: string;
  readonly meteringUrl?: string;
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The built service as its own process, as it runs in production. */
export class RunningKeyAdmin {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly log: string[],
  ) {}

  static async start(settings: Settings): Promise<RunningKeyAdmin> {
    const { databaseUrl, topicPrefix, meteringUrl } = settings;
    const env = {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'trace',
      TOLLGATE_LEAVE_MS: '0',
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: process.env['KAFKA_BROKERS'],
      TOLLGATE_TOPIC_PREFIX: topicPrefix,
      TOLLGATE_EVENT_KEYS: `1:${EVENT_KEY.toString('hex')}`,
      TOLLGATE_KEY_PEPPERS: `1:${Buffer.alloc(32, 2).toString('hex')}`,
      TOLLGATE_ADMIN_KEY: ADMIN_KEY,
      TOLLGATE_INTERNAL_TOKEN: INTERNAL_TOKEN,
      METERING_URL: meteringUrl,
      ...settings.env,
    };
    const stdio: StdioOptions = ['ignore', 'pipe', 'inherit', 'ipc'];
    const child = spawn(process.execPath, [...CLOCK_PRELOAD_ARGS, MAIN], { env, stdio });
    const log: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) =>
        reject(new Error(`key-admin exited with ${code}:\n${log.slice(-5).join('\n')}`)),
      );
      createInterface({ input: child.stdout! }).on('line', (line) => {
        log.push(line);
        const listens = /"url":"(http:[^"]+)".*listens/.exec(line);
        if (listens) resolve(listens[1]!);
      });
    });
    return new RunningKeyAdmin(child, url, log);
  }

  /** The same service called with another admin key. */
  as(adminKey: string): Call {
    return (method, path, body, headers) =>
      this.call(method, path, body, { authorization: `Bearer ${adminKey}`, ...headers });
  }

  /** Calls with the admin key unless `headers` say otherwise; an object body is sent as JSON. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const type = response.headers.get('content-type');
    // A stream has no end to wait for.
    if (type?.startsWith('text/event-stream')) await response.body!.cancel();
    const text = response.bodyUsed ? '' : await response.text();
    const isJson = type?.includes('application/json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Moves its clock so far from the real one. */
  moveClockBy(offsetMs: number): Promise<void> {
    return shiftClock(this.child, offsetMs);
  }

  get exited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.exited) return this.child.exitCode;
    const exit = once(this.child, 'exit');
    this.child.kill(signal);
    const [code] = await exit;
    return code;
  }
}
