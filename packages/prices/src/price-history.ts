import type { ConditionalPrice, ModelInfo } from '@pydantic/genai-prices';
import type { ModelPrice } from '@tollgate/domain/admission/price';
import { readListedPrice } from './listed-price.ts';

type Constraint = NonNullable<ConditionalPrice['constraint']>;
type Holds = (atMs: number) => boolean;

const DAY_MS = 86_400_000;
const TIME_OF_DAY = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** A model's prices over time. */
export class PriceHistory {
  private readonly entries: readonly {
    readonly holds: (atMs: number) => boolean;
    readonly price: ModelPrice | null;
  }[];

  constructor(model: ModelInfo) {
    const contextWindow = model.context_window ?? null;
    const listed = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
    // The catalog's order: a later entry goes before an earlier one, and the first is what remains.
    this.entries = listed
      .map(({ prices, constraint }, index) => ({
        holds: index === 0 || !constraint ? () => true : holdsWithin(constraint),
        price: readListedPrice(prices, contextWindow),
      }))
      .reverse();
  }

  at(ms: number): ModelPrice | null {
    return this.entries.find(({ holds }) => holds(ms))?.price ?? null;
  }
}

/** When an entry of the catalog holds. @throws RangeError where that is not understood */
function holdsWithin(constraint: Constraint): Holds {
  switch (constraint.type) {
    case 'start_date': {
      const startMs = Date.parse(constraint.start_date);
      if (Number.isNaN(startMs)) throw new RangeError(`not a date: ${constraint.start_date}`);
      return (atMs) => atMs >= startMs;
    }
    case 'time_of_date': {
      const [start, end] = [timeOfDayMs(constraint.start_time), timeOfDayMs(constraint.end_time)];
      return start <= end ? (atMs) => within(atMs, start, end) : (atMs) => !within(atMs, end, start);
    }
    default:
      throw new RangeError(`not a known condition of a price: ${JSON.stringify(constraint satisfies never)}`);
  }
}

/** Whether an instant is in [start, end) of its UTC day. */
function within(atMs: number, start: number, end: number): boolean {
  const timeMs = atMs % DAY_MS;
  return timeMs >= start && timeMs < end;
}

/** `16:30:00Z`, `09:00:00+08:00` → ms after midnight UTC. */
function timeOfDayMs(text: string): number {
  const match = TIME_OF_DAY.exec(text);
  if (!match) throw new RangeError(`not a time of day: ${text}`);
  const [, hours, minutes, seconds, fraction = '0', sign, zoneHours = '0', zoneMinutes = '0'] = match;
  const ms = (h: unknown, m: unknown) => (Number(h) * 60 + Number(m)) * 60_000;
  const local = ms(hours, minutes) + Number(seconds) * 1_000 + Number(fraction.padEnd(3, '0'));
  const offset = sign === '-' ? -ms(zoneHours, zoneMinutes) : ms(zoneHours, zoneMinutes);
  return (local - offset + DAY_MS) % DAY_MS;
}
