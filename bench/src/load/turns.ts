import { Connection, type Exchange } from './connection.ts';
import { type Counted, Counter } from './counter.ts';
import { requestBytes, type Target } from './target.ts';

/** For so long all connections ask one target; and this long after the change nothing is counted, since the machine is still busy with the other's. */
const TURN_MS = 100;
const CHANGE_MS = 25;

/**
 * Two targets or more by turns, there and back, as many requests as they take: whatever else the machine does is the
 * same to all of them, and what drifts falls on each alike. Generators side by side go by the one wall clock, so that
 * they change together.
 */
export interface Turns {
  readonly kind: 'turns';
  readonly targets: readonly Target[];
  readonly connections: number;
  readonly seconds: number;
}

/** Of each target, in their order. */
export interface TurnsResult {
  /** Answers with 200 in its turns, a second of them. */
  readonly perSecond: readonly number[];
  /** All of its answers, be they of its turns or late. */
  readonly counted: readonly Counted[];
}

export async function takeTurns({ targets, connections, seconds }: Turns): Promise<TurnsResult> {
  const requests = targets.map(requestBytes);
  const counters = targets.map(() => new Counter());
  const inTurn = targets.map(() => 0);

  const cycleMs = 2 * targets.length * TURN_MS;
  const cycles = Math.max(1, Math.round((seconds * 1_000) / cycleMs));
  const startMs = Math.ceil(Date.now() / cycleMs) * cycleMs;
  const endMs = startMs + cycles * cycleMs;
  const turnAt = (nowMs: number) => {
    const turn = Math.floor((nowMs % cycleMs) / TURN_MS);
    return turn < targets.length ? turn : 2 * targets.length - 1 - turn;
  };

  const note = (asked: number, exchange: Exchange) => {
    counters[asked]!.note(exchange);
    const nowMs = Date.now();
    const isSettled = nowMs >= startMs && nowMs < endMs && nowMs % TURN_MS >= CHANGE_MS;
    if (exchange.status === 200 && isSettled && asked === turnAt(nowMs)) inTurn[asked]! += 1;
  };
  const askUntilEnd = () =>
    new Promise<void>((resolve) => {
      const { port, streamed } = targets[0]!;
      const connection = new Connection(port, streamed);
      const ask = () => {
        const nowMs = Date.now();
        if (nowMs >= endMs || connection.broken) {
          connection.close();
          resolve();
          return;
        }
        const asked = turnAt(nowMs);
        connection.send(requests[asked]!, (exchange) => {
          note(asked, exchange);
          ask();
        });
      };
      ask();
    });
  await Promise.all(Array.from({ length: connections }, askUntilEnd));
  const turnsMs = cycles * 2 * (TURN_MS - CHANGE_MS);
  return {
    perSecond: inTurn.map((count) => (count / turnsMs) * 1_000),
    counted: counters.map((counter) => counter.result()),
  };
}
