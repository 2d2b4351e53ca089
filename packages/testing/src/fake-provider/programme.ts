import { z } from 'zod';
import { ApiError } from './api-error.ts';
import { AttemptsSeen } from './attempts-seen.ts';
import { type Behaviour, behaviour, type Instruction, instruction, withoutFaults } from './behaviour.ts';
import { type ChatMessage, textOf } from './usage.ts';

/**
 * Decides which behaviour a request meets: the directive in its own prompt if it has one, and nothing else then,
 * so that tests running side by side do not disturb each other; else the oldest instruction for the next n
 * requests; else the standing one.
 */
export class Programme {
  #standing: Behaviour = {};
  #upcoming: { behaviour: Behaviour; times: number }[] = [];
  readonly #seen = new AttemptsSeen();

  /** Queues an instruction with `times`; one without replaces the standing one and empties the queue. */
  put(given: Instruction): void {
    const { times, ...rest } = given;
    if (times === undefined) {
      this.#standing = rest;
      this.#upcoming = [];
    } else {
      this.#upcoming.push({ behaviour: rest, times });
    }
  }

  /** The behaviour of a request that arrives now. @throws ApiError 400 where its directive is malformed */
  next(messages: readonly ChatMessage[]): Behaviour {
    const given = directiveIn(messages) ?? this.#take();
    if (given.fail_first === undefined) return given;
    return this.#seen.add(messages) < given.fail_first ? given : withoutFaults(given);
  }

  /** Whether the request that arrives now is not to be read; it has used up its instruction then. */
  leavesUnread(): boolean {
    const halfOpen = (this.#upcoming[0]?.behaviour ?? this.#standing).half_open === true;
    if (halfOpen) this.#take();
    return halfOpen;
  }

  #take(): Behaviour {
    const [first] = this.#upcoming;
    if (!first) return this.#standing;
    first.times -= 1;
    if (first.times === 0) this.#upcoming.shift();
    return first.behaviour;
  }

  toJSON() {
    return { standing: this.#standing, upcoming: this.#upcoming };
  }
}

const OPEN = '[[fake:';
const CLOSE = ']]';

/** The behaviour in `[[fake:{…}]]` inside the last user message, if there is one. */
function directiveIn(messages: readonly ChatMessage[]): Behaviour | undefined {
  const last = messages.findLast(({ role }) => role === 'user');
  const text = last ? textOf(last) : '';
  const start = text.indexOf(OPEN);
  if (start === -1) return undefined;
  const end = text.lastIndexOf(CLOSE);
  return parse(behaviour, text.slice(start + OPEN.length, Math.max(start, end)), 'messages');
}

/** Reads an instruction of the control API. @throws ApiError 400 */
export const readInstruction = (json: string): Instruction => parse(instruction, json, null);

function parse<S extends z.ZodType>(schema: S, json: string, param: string | null): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ApiError(400, `Not JSON: ${json.slice(0, 200)}`, 'invalid_directive', param);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ApiError(400, z.prettifyError(result.error), 'invalid_directive', param);
}
