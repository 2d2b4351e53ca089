import { setTimeout as pause } from 'node:timers/promises';
import { chat, fake } from './system.ts';

/** What a refused client waits before it asks again, at most: twice as long each time, up to a second. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** Chance that can be repeated: mulberry32. @returns numbers in [0, 1) */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Clients that ask one gateway after another with one key, each whichever chance says, until they are stopped. */
export class Load {
  /** Answers by status, and by the code of what is neither an answer nor a limit. */
  readonly answers = new Map<string, number>();
  private isOver = false;
  private readonly clients: Promise<void>[];

  constructor(
    private readonly urls: () => readonly string[],
    private readonly token: string,
    private readonly random: () => number,
    clients: number,
  ) {
    this.clients = Array.from({ length: clients }, () => this.client());
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clients);
  }

  private async client(): Promise<void> {
    let longestMs = FIRST_PAUSE_MS;
    while (!this.isOver) {
      const isServed = await this.ask();
      longestMs = isServed ? FIRST_PAUSE_MS : Math.min(2 * longestMs, LONGEST_PAUSE_MS);
      if (!isServed) await pause(this.random() * longestMs);
    }
  }

  private async ask(): Promise<boolean> {
    const { random } = this;
    const urls = this.urls();
    const url = urls[Math.floor(random() * urls.length)]!;
    const completion_tokens = 1 + Math.floor(random() * 60);
    const stream = random() < 0.5;
    const told = fake({ completion_tokens, ...(stream ? { chunk_delay_ms: 1 } : { delay_ms: 20 }) });
    try {
      const answer = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...chat(`hi ${told}`), max_tokens: 1 + Math.floor(random() * 60), stream }),
      });
      const text = await answer.text();
      this.note(answer.status < 500 ? String(answer.status) : `${answer.status} ${codeIn(text)}`);
      return answer.ok;
    } catch {
      this.note('broken');
      return false;
    }
  }

  private note(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }
}

const codeIn = (text: string) => (JSON.parse(text) as { error?: { code?: string } }).error?.code ?? '';
