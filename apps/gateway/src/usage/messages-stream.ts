import type { TokenCounts } from '@tollgate/contracts/events';
import { type AnthropicFigures, anthropicTokens, withLater } from './anthropic-tokens.ts';
import { leadingType, objectIn } from './event-data.ts';
import { outputIn } from './output-text.ts';
import { field } from './sense.ts';
import { SseReader } from './sse-reader.ts';

const outputOf = outputIn('text', 'partial_json', 'thinking');

/** A stream of Anthropic's messages. */
export class MessagesStream extends SseReader {
  private figures: AnthropicFigures = {};
  private readonly openBlocks = new Set<number>();
  private stopped = false;

  protected read(event: string): boolean {
    const type = leadingType(event);
    if (type === 'content_block_delta') this.noteOutput(outputOf(event));
    else if (type !== 'ping') this.readEvent(objectIn(event), event);
    return true;
  }

  protected ending(tokens: TokenCounts): string {
    const events: { type: string }[] = [...this.openBlocks].map((index) => {
      return { type: 'content_block_stop', index };
    });
    if (!this.stopped) {
      const delta = { stop_reason: 'max_tokens', stop_sequence: null };
      events.push({ type: 'message_delta', delta, usage: messagesUsage(tokens) } as { type: string });
    }
    events.push({ type: 'message_stop' });
    return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  }

  private readEvent(data: Record<string, unknown> | null, event: string): void {
    switch (data?.['type']) {
      case 'message_start':
        this.learn(field(data['message'], 'usage'));
        break;
      case 'content_block_start':
        this.openBlocks.add(Number(data['index']));
        break;
      case 'content_block_delta':
        this.noteOutput(outputOf(event));
        break;
      case 'content_block_stop':
        this.openBlocks.delete(Number(data['index']));
        break;
      case 'message_delta':
        this.stopped = Boolean(field(data['delta'], 'stop_reason'));
        this.learn(data['usage']);
        break;
      case 'message_stop':
        this.finished = true;
        break;
      case 'error':
        this.failed = true;
        break;
    }
  }

  /** Takes figures over only where they make sense together with those before. */
  private learn(usage: unknown): void {
    const figures = withLater(this.figures, usage);
    const tokens = anthropicTokens(figures);
    if (!tokens) return;
    this.figures = figures;
    this.usage = tokens;
  }
}

const messagesUsage = (tokens: TokenCounts) => ({
  input_tokens: tokens.input,
  cache_creation_input_tokens: tokens.cache_write,
  cache_read_input_tokens: tokens.cached_input,
  output_tokens: tokens.output,
});
