import { setTimeout as pause } from 'node:timers/promises';
import { errors, Pool } from 'undici';

const BETWEEN_MS = 2;
const BROKEN = 0;

interface Asked {
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly admitted: boolean;
}

/**
 * Asks one gateway with one key again and again, to learn when it stops admitting.
 *
 * new ──start()──▶ admitted, asking ──▶ refused once: ended
 */
export class RefusalProbe {
  private readonly pool: Pool;
  private readonly asked: Asked[] = [];
  private asking: Promise<number> | null = null;
  private stopped = false;

  constructor(
    url: string,
    private readonly token: string,
    private readonly body: string,
  ) {
    this.pool = new Pool(url, { connections: 4 });
  }

  /** @returns the status of the answer, once all of it is there; {@link BROKEN} where a revocation ended it midway */
  async send(body: string): Promise<number> {
    try {
      return await this.answered(body);
    } catch (error) {
      if (error instanceof errors.SocketError) return BROKEN;
      throw error;
    }
  }

  private async answered(body: string): Promise<number> {
    const answer = await this.pool.request({
      path: '/v1/chat/completions',
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body,
    });
    await answer.body.dump();
    return answer.statusCode;
  }

  /** @throws Error where the gateway refuses at once */
  async admitted(): Promise<void> {
    const status = await this.send(this.body);
    if (status !== 200) throw new Error(`a gateway answers ${status} to a key that should be admitted`);
  }

  /** Resolves once admitted, and goes on asking. */
  async start(): Promise<void> {
    await this.admitted();
    this.asking = this.ask();
  }

  /**
   * When the first refusal arrived (as of performance.now()).
   * @throws Error where none has after `withinMs`
   */
  async refused(withinMs: number): Promise<number> {
    const deadline = setTimeout(() => {
      this.stopped = true;
    }, withinMs);
    try {
      return await this.asking!;
    } finally {
      clearTimeout(deadline);
      await this.close();
    }
  }

  /** Requests sent after `sinceMs` and admitted. */
  admittedSince(sinceMs: number): number {
    return this.asked.filter(({ sentMs, admitted }) => admitted && sentMs > sinceMs).length;
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async ask(): Promise<number> {
    while (!this.stopped) {
      const sentMs = performance.now();
      const status = await this.send(this.body);
      const answeredMs = performance.now();
      this.asked.push({ sentMs, answeredMs, admitted: status === 200 });
      if (status === 429 || status === 401) return answeredMs;
      if (status !== 200 && status !== BROKEN) throw new Error(`a gateway answers ${status} to a probe`);
      await pause(BETWEEN_MS);
    }
    throw new Error('a gateway has not refused in time');
  }
}
