import type { TokenCounts } from '@tollgate/contracts/events';
import type { EventReader } from './dialect.ts';
import { field, messageFigures } from './figures.ts';
import { dataOf, sse } from './sse.ts';

/** Streams of Anthropic's messages: the input is told at the start, the output cumulatively at the end. */
export class MessageEvents implements EventReader {
  usage: TokenCounts | null = null;
  outputEvents = 0;
  finished = false;
  failed = false;
  private atStart: Record<string, unknown> = {};
  private openBlock: number | null = null;

  get soFar(): TokenCounts | null {
    const output = Math.max(this.outputEvents, Number(this.atStart['output_tokens'] ?? 0));
    return messageFigures({ ...this.atStart, output_tokens: output });
  }

  read(event: Buffer): boolean {
    if (event.indexOf('content_block_delta') !== -1 && event.indexOf('"delta":{}') === -1) {
      this.outputEvents += 1;
      return false;
    }
    const data = dataOf(event);
    switch (field(data, 'type')) {
      case 'message_start':
        this.atStart = { ...(field(field(data, 'message'), 'usage') as object | undefined) };
        break;
      case 'content_block_start':
        this.openBlock = Number(field(data, 'index'));
        break;
      case 'content_block_stop':
        this.openBlock = null;
        break;
      case 'message_delta':
        this.usage =
          messageFigures({ ...this.atStart, ...(field(data, 'usage') as object | undefined) }) ?? this.usage;
        break;
      case 'message_stop':
        this.finished = true;
        break;
      case 'error':
        this.failed = true;
    }
    return false;
  }

  endAtLimit(outputTokens: number): Buffer {
    const stop =
      this.openBlock === null
        ? ''
        : sse({ type: 'content_block_stop', index: this.openBlock }, 'content_block_stop');
    const delta = { stop_reason: 'max_tokens', stop_sequence: null };
    const usage = { output_tokens: outputTokens };
    return Buffer.from(
      stop +
        sse({ type: 'message_delta', delta, usage }, 'message_delta') +
        sse({ type: 'message_stop' }, 'message_stop'),
    );
  }
}
