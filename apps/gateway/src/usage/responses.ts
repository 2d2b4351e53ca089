import type { TokenCounts } from '@tollgate/contracts/events';
import type { EventReader } from './dialect.ts';
import { field, responseFigures } from './figures.ts';
import { dataOf, sse } from './sse.ts';

/** The events that end a response; each carries the whole response, with its usage. */
const LAST = /"type": ?"response\.(completed|incomplete|failed)"/;

/** Streams of OpenAI's responses: typed events, and the whole response in the last one. */
export class ResponseEvents implements EventReader {
  usage: TokenCounts | null = null;
  readonly soFar = null;
  outputEvents = 0;
  finished = false;
  failed = false;
  private created: Buffer | null = null;

  read(event: Buffer): boolean {
    if (event.indexOf('.delta"') !== -1) {
      this.outputEvents += 1;
      return false;
    }
    if (this.created === null && event.indexOf('"response.created"') !== -1)
      this.created = Buffer.from(event);
    const last = LAST.exec(event.toString('latin1'));
    if (last) {
      this.finished = true;
      this.failed = last[1] === 'failed';
      this.usage = responseFigures(field(field(dataOf(event), 'response'), 'usage')) ?? this.usage;
    } else if (field(dataOf(event), 'type') === 'error') this.failed = true;
    return false;
  }

  endAtLimit(outputTokens: number): Buffer {
    const response = this.created && field(dataOf(this.created), 'response');
    const type = 'response.incomplete';
    return Buffer.from(
      sse(
        {
          type,
          response: {
            ...(response as object | null),
            status: 'incomplete',
            incomplete_details: { reason: 'max_output_tokens' },
            usage: { input_tokens: 0, output_tokens: outputTokens, total_tokens: outputTokens },
          },
        },
        type,
      ),
    );
  }
}
