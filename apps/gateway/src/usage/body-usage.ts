import { field } from './sense.ts';

const USAGE = '"usage"';

/**
 * The value of `usage` in a JSON object, or `undefined`. Providers write it near the end: what follows its name makes an
 * object by itself if and only if it stands at the top level, so that vectors and long texts before it need no parsing.
 */
export function usageOfJson(body: Buffer): unknown {
  const at = body.lastIndexOf(USAGE);
  if (at === -1) return undefined;
  const tail = parse(`{${body.toString('utf8', at)}`);
  return field(tail === undefined ? parse(body.toString()) : tail, 'usage');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
