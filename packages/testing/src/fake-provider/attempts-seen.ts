import { createHash } from 'node:crypto';
import { type ChatMessage, textOf } from './usage.ts';

/** Inputs remembered; the oldest are forgotten beyond it. */
const CAPACITY = 10_000;

/** Counts how often an input was sent, whatever model it was sent to: what a retry and a fallback have in common. */
export class AttemptsSeen {
  readonly #counts = new Map<string, number>();

  /** How many attempts of this input there were before this one. */
  add(messages: readonly ChatMessage[]): number {
    const key = createHash('sha256')
      .update(JSON.stringify(messages.map(textOf)))
      .digest('base64');
    const before = this.#counts.get(key) ?? 0;
    if (this.#counts.size >= CAPACITY && before === 0) {
      const [oldest] = this.#counts.keys();
      if (oldest !== undefined) this.#counts.delete(oldest);
    }
    this.#counts.set(key, before + 1);
    return before;
  }
}
