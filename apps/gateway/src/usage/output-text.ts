const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const UNICODE_ESCAPE = 6;
/** A character outside ASCII takes 2 to 4 bytes of text. */
const UNICODE_BYTES = 3;

/** About how many bytes of text a JSON string has, from after its opening quote. */
export function textLength(json: string, from: number): number {
  let length = 0;
  for (let i = from; i < json.length; length += 1) {
    const code = json.charCodeAt(i);
    if (code === QUOTE) break;
    if (code !== BACKSLASH) i += 1;
    else if (json.charCodeAt(i + 1) !== LETTER_U) i += 2;
    else {
      i += UNICODE_ESCAPE;
      length += UNICODE_BYTES - 1;
    }
  }
  return length;
}

/**
 * About how many bytes of text the fields of these names hold in JSON (as Latin-1), without parsing it. Within a JSON
 * string its quotes are escaped: no text can look like a field.
 */
export function outputIn(...names: string[]): (json: string) => number {
  const output = new RegExp(`"(?:${names.join('|')})" ?: ?"`, 'g');
  return (json) => {
    let bytes = 0;
    output.lastIndex = 0;
    while (output.test(json)) bytes += textLength(json, output.lastIndex);
    return bytes;
  };
}
