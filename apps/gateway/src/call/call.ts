import { isUtf8 } from 'node:buffer';
import { TollgateError } from '@tollgate/contracts/errors';
import type { Bounds } from './bounded.ts';
import type { Endpoint } from './endpoints.ts';
import { BadJson, type Field, findFields } from './json-fields.ts';
import { type Edit, splice } from './splice.ts';

/** Tokens that a provider may add around what a request says: the frame of the conversation. */
export const FRAME_TOKENS = 64;
const MAX_CHOICES = 128;
const MAX_MODEL_LENGTH = 256;

const invalid = (message: string, param?: string) =>
  new TollgateError('invalid_body', message, param === undefined ? {} : { param });

/** What goes to a provider instead of what the client sent. */
export interface Changes {
  /** The provider's name of the model. */
  readonly model: string;
  /** The cap of each choice's output tokens; `null` leaves the client's. */
  readonly outputCap: number | null;
}

/** A request's body, read as far as the router must and kept as the client's bytes. */
export class Call {
  readonly model: string;
  readonly streamed: boolean;
  /** The client wants the event that carries usage; otherwise it is asked for and kept from the client. */
  readonly wantsUsage: boolean;
  /** Answers generated side by side; 0 where the endpoint has no output. */
  readonly choices: number;
  /** The client's own cap of each choice's output tokens. */
  readonly outputCap: number | null;
  private readonly fields: ReadonlyMap<string, Field>;

  /** @throws TollgateError `invalid_body` with the field */
  constructor(
    readonly endpoint: Endpoint,
    readonly body: Buffer,
  ) {
    this.fields = readFields(endpoint, body);
    const model = this.value('model');
    if (typeof model !== 'string' || model === '' || model.length > MAX_MODEL_LENGTH) {
      throw invalid('"model" must be the name of a model.', 'model');
    }
    this.model = model;
    this.streamed = this.flag('stream');
    this.wantsUsage = !this.streamed || !endpoint.asksForUsage || this.asksForUsage();
    this.outputCap = this.least(endpoint.caps);
    this.choices = endpoint.caps.length === 0 ? 0 : this.most(endpoint.choices);
  }

  /** No provider counts more input tokens than this: a token is at least a byte. */
  get inputBound(): number {
    return this.body.length + FRAME_TOKENS;
  }

  /**
   * The part whose usage nothing here bounds, or `null`. Parses the whole body unless its fields show that it is plain
   * text, so it is asked for only where it matters.
   */
  unboundedPart(): string | null {
    const { bounds } = this.endpoint;
    if (this.isPlainText(bounds)) return null;
    let body: Record<string, unknown>;
    try {
      body = JSON.parse(this.body.toString());
    } catch (error) {
      throw invalid(`The body is not valid JSON: ${(error as Error).message}`);
    }
    return bounds.unboundedPart(body);
  }

  private isPlainText({ text, beside }: Bounds): boolean {
    for (const name of beside) if (this.fields.has(name)) return false;
    for (const name in text) if ((this.fields.get(name)?.depth ?? 0) > text[name]!) return false;
    return true;
  }

  /** The bytes for a provider: the client's, but for what must change. */
  forward({ model, outputCap }: Changes): Buffer {
    const edits: Edit[] = [];
    if (model !== this.model) edits.push(this.edit('model', model));
    if (!this.wantsUsage)
      edits.push(this.edit('stream_options', { ...this.streamOptions(), include_usage: true }));
    if (outputCap !== null) {
      const present = this.endpoint.caps.filter((name) => this.value(name) !== undefined);
      const names = present.length > 0 ? present : this.endpoint.caps.slice(0, 1);
      for (const name of names) edits.push(this.edit(name, outputCap));
    }
    return splice(this.body, edits);
  }

  private edit(name: string, value: unknown): Edit {
    return { name, at: this.fields.get(name) ?? null, value: JSON.stringify(value) };
  }

  /** A field's value; `undefined` where it is absent. */
  private value(name: string): unknown {
    const span = this.fields.get(name);
    if (!span) return undefined;
    try {
      return JSON.parse(this.body.toString('utf8', span.start, span.end));
    } catch {
      throw invalid(`"${name}" is not valid JSON.`, name);
    }
  }

  private flag(name: string): boolean {
    const value = this.value(name) ?? false;
    if (typeof value !== 'boolean') throw invalid(`"${name}" must be true or false.`, name);
    return value;
  }

  private streamOptions(): Record<string, unknown> {
    const options = this.value('stream_options') ?? {};
    if (typeof options !== 'object' || Array.isArray(options)) {
      throw invalid('"stream_options" must be an object.', 'stream_options');
    }
    return options as Record<string, unknown>;
  }

  private asksForUsage(): boolean {
    return this.streamOptions()['include_usage'] === true;
  }

  private least(names: readonly string[]): number | null {
    const set = names.map((name) => this.count(name)).filter((value) => value !== null);
    return set.length === 0 ? null : Math.min(...set);
  }

  private most(names: readonly string[]): number {
    const most = Math.max(1, ...names.map((name) => this.count(name) ?? 1));
    if (most > MAX_CHOICES) throw invalid(`At most ${MAX_CHOICES} choices can be asked for.`, names[0]);
    return most;
  }

  private count(name: string): number | null {
    const value = this.value(name) ?? null;
    if (value === null) return null;
    if (!Number.isSafeInteger(value) || (value as number) < 0) {
      throw invalid(`"${name}" must be a whole number that is not negative.`, name);
    }
    return value as number;
  }
}

function readFields(endpoint: Endpoint, body: Buffer): ReadonlyMap<string, Field> {
  if (!isUtf8(body)) throw invalid('The body is not valid UTF-8.');
  try {
    return findFields(body, fieldsOf(endpoint));
  } catch (error) {
    if (error instanceof BadJson) throw invalid(`The body is not valid JSON: ${error.message}.`, error.field);
    throw error;
  }
}

const fieldNames = new Map<Endpoint, ReadonlySet<string>>();
function fieldsOf(endpoint: Endpoint): ReadonlySet<string> {
  let names = fieldNames.get(endpoint);
  if (!names) {
    const { caps, choices, bounds, asksForUsage } = endpoint;
    const read = ['model', 'stream', ...(asksForUsage ? ['stream_options'] : []), ...caps, ...choices];
    names = new Set([...read, ...Object.keys(bounds.text), ...bounds.beside]);
    fieldNames.set(endpoint, names);
  }
  return names;
}
