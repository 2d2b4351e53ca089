import { abortedToo } from '@tollgate/service-kit/aborted-too';
import { pause } from '@tollgate/service-kit/pause';
import pg from 'pg';
import { TRY_LEAD } from './sql/try-lead.ts';

/** How soon a relay that follows notices that the one that leads is gone. */
const TRY_EVERY_MS = 250;
/** Leaves no statement waiting for ever on a connection whose other end is gone. */
const QUERY_TIMEOUT_MS = 10_000;
/** The server finds a dead holder of the lock within about 11 s, instead of the two hours that TCP gives it. */
const KEEPALIVE = '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3';

/**
 * The connection by which a relay leads: it holds the lock and hears of new rows.
 * open → leading → lost. When the connection ends, the server frees the lock and `lost` aborts.
 */
export class LeaderSession {
  private readonly ended = new AbortController();
  private readonly wakers = new Set<() => void>();
  private notified = false;

  private constructor(private readonly client: pg.Client) {
    // Without a listener of its own, a connection that the server ends would end the process.
    client.on('error', () => this.ended.abort());
    client.on('end', () => this.ended.abort());
    client.on('notification', () => {
      this.notified = true;
      for (const wake of this.wakers) wake();
    });
  }

  static async open(connectionString: string, applicationName: string): Promise<LeaderSession> {
    const client = new pg.Client({
      connectionString,
      application_name: applicationName,
      connectionTimeoutMillis: 5_000,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      options: KEEPALIVE,
    });
    const session = new LeaderSession(client);
    await client.connect();
    await client.query('listen outbox');
    return session;
  }

  get lost(): AbortSignal {
    return this.ended.signal;
  }

  /** Waits until this session holds the lock; `false` when the signal or the connection's end comes first. */
  async lead(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const { rows } = await this.client.query<{ leading: boolean }>(TRY_LEAD);
      if (rows[0]?.leading) return true;
      await pause(TRY_EVERY_MS, signal);
    }
    return false;
  }

  /** Reads on the connection that holds the lock, so that whoever has lost it reads no more. */
  async rows<Row extends object>(text: string, values: unknown[]): Promise<Row[]> {
    this.notified = false;
    return (await this.client.query<Row>(text, values)).rows;
  }

  /** Waits for a notification since the last {@link rows}, at most `ms`. */
  async woken(ms: number, signal: AbortSignal): Promise<void> {
    if (this.notified) return;
    await abortedToo(signal, async (own) => {
      const wake = () => own.abort();
      this.wakers.add(wake);
      await pause(ms, own.signal);
      this.wakers.delete(wake);
    });
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}
