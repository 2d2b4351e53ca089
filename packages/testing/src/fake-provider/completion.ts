import { createHash } from 'node:crypto';
import { type ChatMessage, textOf } from './usage.ts';

/** What an answer will say, known before its first word is written. */
export interface Completion {
  /** How many tokens it has; each is one word. */
  readonly length: number;
  /** How many of them, the first ones, are reasoning that is not shown. */
  readonly reasoning: number;
  /** `length` where a cap cut it, as OpenAI says it. */
  readonly finishReason: 'stop' | 'length';
  /** The shown words one by one, with the spaces between them. Lazy, so that an answer may be endless. */
  tokens(): Generator<string>;
}

const OPENING = ['This', 'is', 'the', 'fake', "provider's", 'answer', 'to', 'prompt'];
const WORDS = ['amber', 'brook', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heron'];
const SHORTEST = 12;
const SPREAD = 32;

interface CompletionOptions {
  readonly length?: number | undefined;
  readonly cap?: number | undefined;
  readonly reasoning?: number | undefined;
  readonly choice?: number;
}

/**
 * The completion of a prompt: the same messages give the same words, everywhere and always.
 * @param length tokens it would have without a cap; 12 to 43, taken from the prompt, unless given
 * @param cap most tokens that the request allows
 * @param reasoning tokens that are not shown, at most all
 * @param choice which of the `n` choices asked for
 */
export function complete(
  messages: readonly ChatMessage[],
  { length, cap, reasoning = 0, choice = 0 }: CompletionOptions,
): Completion {
  const prompt = JSON.stringify([choice, messages.map((message) => [message.role, textOf(message)])]);
  const digest = createHash('sha256').update(prompt).digest('hex').slice(0, 8);
  const seed = Number.parseInt(digest, 16);
  const natural = length ?? SHORTEST + (seed % SPREAD);
  const cut = cap !== undefined && cap < natural;
  const tokens = cut ? cap : natural;
  const hidden = Math.min(reasoning, tokens);
  return {
    length: tokens,
    reasoning: hidden,
    finishReason: cut ? 'length' : 'stop',
    *tokens() {
      for (let index = 0; index < tokens - hidden; index++) {
        const word = OPENING[index] ?? (index === OPENING.length ? `${digest}:` : wordAt(seed, index));
        yield index === 0 ? word : ` ${word}`;
      }
    },
  };
}

/** Multiplicative hashing (Knuth, TAOCP 6.4) of the position, so that neighbouring words differ. */
const wordAt = (seed: number, index: number) =>
  WORDS[Math.imul(seed + index, 2_654_435_761) >>> 29] ?? 'amber';
