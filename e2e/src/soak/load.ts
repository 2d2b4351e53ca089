import type { KeyWithSecret } from '@tollgate/contracts/admin-http';
import type { SeveralOfEach } from '../several-of-each.ts';
import { chat, fake } from '../system.ts';

export interface Counts {
  streams: number;
  answers: number;
  disconnects: number;
  /** Refused by a limit, a revocation or a reset under way: as it should be. */
  refusals: number;
  /** Cut off or not reached, while something was killed. */
  broken: number;
  created: number;
  revoked: number;
  resets: number;
  limitChanges: number;
  failedAdminCalls: number;
}

const CLIENTS = 6;
const KEYS = 12;
/** A budget that a key uses up in a second or two, about as soon as it is reset. */
const BUDGET_TOKENS = 100;
/** Keys have a few kinds of limits between them, as those of a company do: gateways keep one object of each. */
const BUDGETS = 50;
/**
 * Of the administrator's steps, each so many replaces a key. A gateway knows revoked keys for ever, by a third of a KiB
 * each: many times more of them than a company has would look like a leak of a percent.
 */
const REPLACED_EVERY = 10;
const REFUSALS = new Set([401, 403, 429]);

/**
 * Mixed load until it is told to stop: streams, whole answers, clients that leave amid a stream; keys that are made,
 * revoked while in use, reached their budget and reset, and limits that change.
 */
export class Load {
  readonly counts: Counts = {
    streams: 0,
    answers: 0,
    disconnects: 0,
    refusals: 0,
    broken: 0,
    created: 0,
    revoked: 0,
    resets: 0,
    limitChanges: 0,
    failedAdminCalls: 0,
  };
  private readonly keys: KeyWithSecret[] = [];
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly system: SeveralOfEach) {}

  async start(): Promise<void> {
    for (let n = 0; n < KEYS; n += 1) await this.makeKey();
    this.running = Promise.all([
      ...Array.from({ length: CLIENTS }, (_, client) => this.use(client)),
      this.administrate(),
    ]);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async makeKey(): Promise<void> {
    this.keys.push(await this.system.admin.createKey({ limits: { tokens: BUDGET_TOKENS } }));
    this.counts.created += 1;
  }

  private async use(client: number): Promise<void> {
    for (let n = client; !this.stopped; n += 1) {
      const { secret } = this.keys[(n * 7) % this.keys.length]!;
      const instruction = fake({
        completion_tokens: 5 + (n % 40),
        chunk_delay_ms: n % 5,
        delay_ms: (n * 13) % 40,
      });
      const leaves = n % 10 === 3;
      try {
        await this.ask(secret, `hello ${instruction}`, n % 3 > 0 || leaves, leaves);
      } catch (error) {
        if (REFUSALS.has((error as { status?: number }).status ?? 0)) this.counts.refusals += 1;
        else this.counts.broken += 1;
        await pause(20);
      }
    }
  }

  private async ask(secret: string, text: string, streams: boolean, leaves: boolean): Promise<void> {
    const leaving = new AbortController();
    const answer = await this.system
      .client(secret)
      .chat.completions.create({ ...chat(text), stream: streams }, { signal: leaving.signal });
    if (!(Symbol.asyncIterator in answer)) {
      this.counts.answers += 1;
      return;
    }
    let chunks = 0;
    for await (const _ of answer) {
      chunks += 1;
      if (leaves && chunks === 3) {
        leaving.abort();
        this.counts.disconnects += 1;
        return;
      }
    }
    this.counts.streams += 1;
  }

  private async administrate(): Promise<void> {
    const { admin } = this.system;
    for (let n = 0; !this.stopped; n += 1) {
      const { key } = this.keys[n % this.keys.length]!;
      try {
        if (n % REPLACED_EVERY === REPLACED_EVERY - 1) {
          await this.makeKey();
          const [oldest] = this.keys.splice(0, 1);
          await admin.revoke(oldest!.key.id);
          this.counts.revoked += 1;
        } else if (n % 5 === 2) {
          await admin.patch(key.id, { limits: { tokens: BUDGET_TOKENS + (n % BUDGETS) } });
          this.counts.limitChanges += 1;
        } else {
          await admin.reset(key.id, 'soak');
          this.counts.resets += 1;
        }
      } catch {
        // Key-admin is one process here, and may be the one that was killed.
        this.counts.failedAdminCalls += 1;
      }
      await pause(100);
    }
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
