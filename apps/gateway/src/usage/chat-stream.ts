import type { TokenCounts } from '@tollgate/contracts/events';
import { dataOf, objectIn } from './event-data.ts';
import { chatTokens } from './openai-tokens.ts';
import { textLength } from './output-text.ts';
import { field } from './sense.ts';
import { SseReader } from './sse-reader.ts';

const DONE = '[DONE]';
const MAX_DONE_EVENT = 64;
/** So many events are searched for the stream's id; some providers send events without one first. */
const MAX_HEADS = 8;

/** How the two kinds of completions differ. */
export interface ChatFormat {
  readonly object: string;
  /** Finds output, and what makes an event worth parsing: usage, an error, the end of a choice. */
  readonly notable: RegExp;
  readonly endOfChoice: Readonly<Record<string, unknown>>;
}

/** A key, and what its value begins with. Within a JSON string its quotes are escaped: no text can look like it. */
const notable = (output: string) => new RegExp(`"(?:(${output})|usage|error|finish_reason)" ?: ?(["{])`, 'g');

export const CHAT: ChatFormat = {
  object: 'chat.completion.chunk',
  notable: notable('content|reasoning_content|reasoning|refusal|arguments'),
  endOfChoice: { delta: {}, logprobs: null, finish_reason: 'length' },
};
export const LEGACY: ChatFormat = {
  object: 'text_completion',
  notable: notable('text'),
  endOfChoice: { text: '', logprobs: null, finish_reason: 'length' },
};

/** A stream of chat or legacy completions. The chunk that only carries usage is kept from a client that did not ask. */
export class ChatStream extends SseReader {
  private head: Record<string, unknown> | null = null;
  private headsLeft = MAX_HEADS;
  private readonly openChoices: Set<number>;

  constructor(
    private readonly format: ChatFormat,
    private readonly passUsageOn: boolean,
    choices: number,
  ) {
    super();
    this.openChoices = new Set(Array.from({ length: choices }, (_, index) => index));
  }

  protected read(event: string): boolean {
    if (event.length <= MAX_DONE_EVENT && dataOf(event).trim() === DONE) {
      this.finished = true;
      return true;
    }
    return !this.isWorthParsing(event) || this.readChunk(objectIn(event));
  }

  protected ending(tokens: TokenCounts): string {
    const { id = '', created = 0, model = '' } = this.head ?? {};
    const head = { id, object: this.format.object, created, model };
    const usage = this.passUsageOn ? { usage: null } : {};
    const chunks: object[] = [...this.openChoices].map((index) => {
      return { ...head, choices: [{ index, ...this.format.endOfChoice }], ...usage };
    });
    if (this.passUsageOn) chunks.push({ ...head, choices: [], usage: chatUsage(tokens) });
    return [...chunks.map((chunk) => JSON.stringify(chunk)), DONE]
      .map((data) => `data: ${data}\n\n`)
      .join('');
  }

  /** Counts the output on its way. */
  private isWorthParsing(event: string): boolean {
    const { notable } = this.format;
    let worth = !this.head && this.headsLeft > 0;
    let output = 0;
    notable.lastIndex = 0;
    for (let found = notable.exec(event); found; found = notable.exec(event)) {
      const [, key, opening] = found;
      if (key === undefined) worth = true;
      else if (opening === '"') output += textLength(event, notable.lastIndex);
    }
    this.noteOutput(output);
    return worth;
  }

  private readChunk(chunk: Record<string, unknown> | null): boolean {
    this.headsLeft -= 1;
    if (!chunk) return true;
    const { id, created, model, choices, error } = chunk;
    if (id) this.head ??= { id, created, model };
    if (error) this.failed = true;
    const usage = chunk['usage'] ?? field(chunk['x_groq'], 'usage');
    this.usage = chatTokens(usage) ?? this.usage;
    if (!Array.isArray(choices)) return true;
    for (const choice of choices) {
      if (field(choice, 'finish_reason')) this.openChoices.delete(Number(field(choice, 'index') ?? 0));
    }
    const isOnlyUsage = choices.length === 0 && typeof chunk['usage'] === 'object' && chunk['usage'] !== null;
    return this.passUsageOn || !isOnlyUsage;
  }
}

function chatUsage(tokens: TokenCounts) {
  const prompt = tokens.input + tokens.cached_input + tokens.cache_write;
  return {
    prompt_tokens: prompt,
    completion_tokens: tokens.output,
    total_tokens: prompt + tokens.output,
    prompt_tokens_details: { cached_tokens: tokens.cached_input },
    completion_tokens_details: { reasoning_tokens: tokens.reasoning },
  };
}
