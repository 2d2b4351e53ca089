import type { TokenCounts } from '@tollgate/contracts/events';
import type { EventReader } from './dialect.ts';
import { field, type ReadFigures } from './figures.ts';
import { dataOf, hasObject, sse } from './sse.ts';

const DONE = 'data: [DONE]';
const FIRST_BYTES = 4_096;

/** Streams of OpenAI's chat completions and legacy completions: chunks, then one with usage, then `[DONE]`. */
export class CompletionEvents implements EventReader {
  usage: TokenCounts | null = null;
  readonly soFar = null;
  outputEvents = 0;
  finished = false;
  failed = false;
  /** The first chunk: what ends a stream early says the same of itself. */
  private first: Buffer | null = null;

  constructor(
    private readonly figures: ReadFigures,
    /** How a chunk without output looks: the role that opens a chat, the reason that ends it. */
    private readonly empty: readonly string[],
    private readonly passUsageOn: boolean,
  ) {}

  read(event: Buffer): boolean {
    if (event.indexOf('data:') === -1) return false;
    if (event.length < 32 && event.indexOf('[DONE]') !== -1) {
      this.finished = true;
      return false;
    }
    this.first ??= Buffer.from(event.subarray(0, FIRST_BYTES));
    if (hasObject(event, '"usage"')) return this.readUsage(event);
    if (hasObject(event, '"error"') && event.indexOf('"choices"') === -1) this.failed = true;
    else if (!this.empty.some((mark) => event.indexOf(mark) !== -1)) this.outputEvents += 1;
    return false;
  }

  endAtLimit(outputTokens: number): Buffer {
    const first = this.first && dataOf(this.first);
    const chunk = {
      id: field(first, 'id') ?? '',
      object: field(first, 'object') ?? 'chat.completion.chunk',
      created: field(first, 'created') ?? 0,
      model: field(first, 'model') ?? '',
    };
    const ending = chunk.object === 'text_completion' ? { text: '' } : { delta: {} };
    const last = { ...chunk, choices: [{ index: 0, ...ending, finish_reason: 'length' }] };
    const usage = { completion_tokens: outputTokens, prompt_tokens: 0, total_tokens: outputTokens };
    const said = this.passUsageOn ? sse({ ...chunk, choices: [], usage }) : '';
    return Buffer.from(`${sse(last)}${said}${DONE}\n\n`);
  }

  private readUsage(event: Buffer): boolean {
    const data = dataOf(event);
    const usage = this.figures(field(data, 'usage'));
    const choices = field(data, 'choices');
    const isUsageAlone = Array.isArray(choices) && choices.length === 0;
    if (usage) this.usage = usage;
    if (!isUsageAlone && !this.empty.some((mark) => event.indexOf(mark) !== -1)) this.outputEvents += 1;
    return isUsageAlone;
  }
}

/** Chunks of a chat that carry no output. */
export const EMPTY_CHAT = ['"delta":{}', '"content":""'];
export const EMPTY_COMPLETION = ['"text":""'];
