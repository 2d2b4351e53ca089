import type { TokenCounts } from '@tollgate/contracts/events';
import { dataOf, leadingType, objectIn } from './event-data.ts';
import { responsesTokens } from './openai-tokens.ts';
import { outputIn } from './output-text.ts';
import { field } from './sense.ts';
import { SseReader } from './sse-reader.ts';

const deltaOf = outputIn('delta');
const ENDS: ReadonlySet<unknown> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);
const WORTH_PARSING: ReadonlySet<unknown> = new Set(['response.created', 'error', ...ENDS]);

/** A stream of OpenAI's Responses API. */
export class ResponsesStream extends SseReader {
  private head: Record<string, unknown> = {};
  private sequence = 0;

  protected read(event: string): boolean {
    const type = leadingType(event);
    this.sequence += 1;
    if (type?.endsWith('.delta')) this.noteOutput(deltaOf(event));
    else if (type === null || WORTH_PARSING.has(type)) this.readEvent(event);
    return true;
  }

  protected ending(tokens: TokenCounts): string {
    const type = 'response.incomplete';
    const response = {
      ...this.head,
      status: 'incomplete',
      error: null,
      incomplete_details: { reason: 'max_output_tokens' },
      output: [],
      usage: responsesUsage(tokens),
    };
    const data = JSON.stringify({ type, sequence_number: this.sequence, response });
    return `event: ${type}\ndata: ${data}\n\n`;
  }

  private readEvent(event: string): void {
    const data = objectIn(event);
    if (!data) {
      if (dataOf(event).trim() === '[DONE]') this.finished = true;
      return;
    }
    const { type, response } = data;
    if (type === 'response.created') {
      const { id, object, created_at, model } = (response ?? {}) as Record<string, unknown>;
      this.head = { id, object, created_at, model };
    }
    if (typeof type === 'string' && type.endsWith('.delta')) this.noteOutput(deltaOf(event));
    if (type === 'error' || type === 'response.failed' || (!type && data['error'])) this.failed = true;
    if (ENDS.has(type)) this.finished = true;
    this.usage = responsesTokens(field(response, 'usage')) ?? this.usage;
  }
}

function responsesUsage(tokens: TokenCounts) {
  const input = tokens.input + tokens.cached_input + tokens.cache_write;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: tokens.cached_input },
    output_tokens: tokens.output,
    output_tokens_details: { reasoning_tokens: tokens.reasoning },
    total_tokens: input + tokens.output,
  };
}
