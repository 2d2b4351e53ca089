export interface ServerEvent {
  readonly name: string;
  /** For `Last-Event-ID`; `null` where the event has none. */
  readonly id: string | null;
  readonly data: string;
}

/** The most of a single event that is waited for: a stream that never ends a line is no stream of ours. */
const LONGEST_EVENT = 1_048_576;

/**
 * Reads `text/event-stream` (WHATWG HTML, 9.2.6), piece by piece as it arrives. Comments come out as events without
 * a name: they tell that the line is alive.
 */
export class ServerEvents {
  private rest = '';

  /** @throws RangeError where an event has no end */
  take(piece: string): ServerEvent[] {
    const blocks = (this.rest + piece).replace(/\r\n?/g, '\n').split('\n\n');
    this.rest = blocks.pop() ?? '';
    if (this.rest.length > LONGEST_EVENT) throw new RangeError('an event of the stream has no end');
    return blocks.map(eventOf);
  }
}

function eventOf(block: string): ServerEvent {
  let name = '';
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === 'event') name = value;
    else if (field === 'id') id = value;
    else if (field === 'data') data.push(value);
  }
  return { name, id, data: data.join('\n') };
}
