/** Where a value stands in the bytes: [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Field extends Span {
  /** How deep arrays and objects are nested in its value: 0 where it is neither. */
  readonly depth: number;
}

/** The text is not a JSON object, as far as it was read, or says something twice. */
export class BadJson extends Error {
  constructor(
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** Deeper than any honest request; readers down the line may recurse. */
const MAX_DEPTH = 512;
/** Bytes that may stand in a value outside its strings. */
const OUTSIDE_STRINGS = new Uint8Array(256);
for (const char of '[]{}:, \t\r\n0123456789+-.Eaeflnrstu') OUTSIDE_STRINGS[char.charCodeAt(0)] = 1;

/**
 * Finds the named top-level fields of a JSON object without parsing what is inside them, since a prompt may be
 * megabytes. Values are skipped, not validated: a text that is wrong inside a value is the provider's to refuse,
 * but where every field begins and ends, and how deep it goes, is certain for any text that is valid JSON; and for what a
 * lenient provider may read as well, since no value has other quotes, comments or letters than JSON's.
 *
 * A named field that comes twice is refused: readers differ in which one they take, and the router must not
 * meter one and the provider serve the other.
 *
 * @throws BadJson
 */
export function findFields(body: Buffer, names: ReadonlySet<string>): Map<string, Field> {
  const found = new Map<string, Field>();
  let at = skipSpace(body, 0);
  if (body[at] !== OPEN_BRACE) throw new BadJson('it must be a JSON object');
  at = skipSpace(body, at + 1);
  if (body[at] === CLOSE_BRACE) return endOfText(body, at + 1, found);
  for (;;) {
    if (body[at] !== QUOTE) throw new BadJson(`a field name was expected at byte ${at}`);
    const nameEnd = endOfString(body, at);
    const name = nameOf(body, at, nameEnd);
    at = skipSpace(body, nameEnd);
    if (body[at] !== COLON) throw new BadJson(`":" was expected at byte ${at}`);
    const start = skipSpace(body, at + 1);
    const value = fieldAt(body, start);
    if (names.has(name)) {
      if (found.has(name)) throw new BadJson(`"${name}" is there twice`, name);
      found.set(name, value);
    }
    at = skipSpace(body, value.end);
    if (body[at] === CLOSE_BRACE) return endOfText(body, at + 1, found);
    if (body[at] !== COMMA) throw new BadJson(`"," or "}" was expected at byte ${at}`);
    at = skipSpace(body, at + 1);
  }
}

function endOfText(body: Buffer, at: number, found: Map<string, Field>): Map<string, Field> {
  if (skipSpace(body, at) !== body.length) throw new BadJson('there is more after its end');
  return found;
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  for (let byte = body[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = body[at])
    at += 1;
  return at;
}

/** The index after the closing quote of the string that opens at `at`. */
function endOfString(body: Buffer, at: number): number {
  let quote = body.indexOf(QUOTE, at + 1);
  while (quote !== -1) {
    let slashes = quote - 1;
    while (body[slashes] === BACKSLASH) slashes -= 1;
    if ((quote - slashes) % 2 === 1) return quote + 1;
    quote = body.indexOf(QUOTE, quote + 1);
  }
  throw new BadJson('a string does not end');
}

function nameOf(body: Buffer, start: number, end: number): string {
  const text = body.toString('utf8', start + 1, end - 1);
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    throw new BadJson(`a field name is not valid at byte ${start}`);
  }
}

function fieldAt(body: Buffer, start: number): Field {
  const first = body[start];
  if (first === QUOTE) return { start, end: endOfString(body, start), depth: 0 };
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return nestedAt(body, start);
  let at = start;
  for (; at < body.length; at += 1) {
    const byte = body[at]!;
    if (byte === COMMA || byte === CLOSE_BRACE || byte <= 0x20) break;
    if (!OUTSIDE_STRINGS[byte]) throw unexpected(at);
  }
  if (at === start) throw new BadJson(`a value was expected at byte ${start}`);
  return { start, end: at, depth: 0 };
}

function nestedAt(body: Buffer, start: number): Field {
  let open = 0;
  let depth = 0;
  for (let at = start; at < body.length; at += 1) {
    const byte = body[at]!;
    if (byte === QUOTE) at = endOfString(body, at) - 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      open += 1;
      if (open > MAX_DEPTH) throw new BadJson(`it is nested more than ${MAX_DEPTH} deep`);
      if (open > depth) depth = open;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      open -= 1;
      if (open === 0) return { start, end: at + 1, depth };
    } else if (!OUTSIDE_STRINGS[byte]) throw unexpected(at);
  }
  throw new BadJson('an object or array does not end');
}

const unexpected = (at: number) => new BadJson(`nothing that JSON has begins with what is at byte ${at}`);
