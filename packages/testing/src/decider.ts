import { deepStrictEqual, fail } from 'node:assert/strict';

/** A pure decider: `decide` says what happens on a command, `evolve` what it makes of the state. */
export interface Decider<Command, Event, State> {
  decide(command: Command, state: State): Event | readonly Event[];
  evolve(state: State, event: Event): State;
  /** The state before the first event. */
  readonly initial: State;
}

export interface Given<Command, Event> {
  /** The events that have happened; `[]` for none. */
  given(events: readonly Event[]): When<Command, Event>;
}
export interface When<Command, Event> {
  when(command: Command): Then<Event>;
}
export interface Then<Event> {
  /** The command leads to exactly these events, in this order; `[]` for none. */
  then(events: readonly Event[]): void;
  /** The command is refused with an error of this `code`. */
  thenThrows(code: string): void;
}

/**
 * Given/when/then for a decider, on events alone:
 * `decider({ decide, evolve, initial }).given([created]).when(revoke).then([revoked])`.
 * A decision is taken only at `then` or `thenThrows`, so a test without one of them shows nothing.
 */
export function decider<Command, Event, State>({
  decide,
  evolve,
  initial,
}: Decider<Command, Event, State>): Given<Command, Event> {
  return {
    given: (past) => ({
      when(command) {
        const decided = (): readonly Event[] => {
          const events = decide(
            command,
            past.reduce((state, event) => evolve(state, event), initial),
          );
          return Array.isArray(events) ? events : [events as Event];
        };
        return {
          // biome-ignore lint/suspicious/noThenProperty: the word of the field; nobody awaits a specification.
          then: (expected) => deepStrictEqual(decided(), expected),
          thenThrows: (code) => expectRefusal(code, decided),
        };
      },
    }),
  };
}

function expectRefusal(code: string, decided: () => unknown): void {
  let events: unknown;
  try {
    events = decided();
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === code) return;
    throw error;
  }
  fail(`expected a refusal with code ${code}, got ${JSON.stringify(events, bigintAsText)}`);
}

const bigintAsText = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
