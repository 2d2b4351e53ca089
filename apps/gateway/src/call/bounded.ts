/**
 * What of a request can be bounded before it is made. Text is: a token is at least one byte of it. Pictures, sound,
 * files, what a provider has stored, and tools that a provider runs are not; they are found here by allowing what is
 * known to be text, so that a part that is new to the world counts as unbounded.
 */

type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;
/** The path of a part that cannot be bounded, such as `messages.0.content.1`; `null` where all can. */
export type UnboundedPart = (body: JsonObject) => string | null;

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSet = (value: Json) => value !== undefined && value !== null;

function first<T>(items: Json, check: (item: T, path: string) => string | null, path: string): string | null {
  if (!Array.isArray(items)) return null;
  for (const [index, item] of items.entries()) {
    const found = check(item as T, `${path}.${index}`);
    if (found) return found;
  }
  return null;
}

/** The first of the fields that is set. */
const anyOf = (body: JsonObject, fields: readonly string[]) =>
  fields.find((name) => isSet(body[name])) ?? null;

/** A tier that costs more than the catalog's price. */
const dearTier = ({ service_tier: tier }: JsonObject) =>
  !isSet(tier) || tier === 'auto' || tier === 'default' || tier === 'flex' || tier === 'standard_only'
    ? null
    : 'service_tier';

const TEXT_PARTS = new Set([
  'text',
  'input_text',
  'output_text',
  'refusal',
  'summary_text',
  'reasoning_text',
]);

/** A string, or parts that are all text. */
function unboundedContent(content: Json, path: string): string | null {
  return first<Json>(
    content,
    (part, at) => (isObject(part) && !TEXT_PARTS.has(String(part['type'])) ? at : null),
    path,
  );
}

/** Tools that the client runs are text in and text out; a provider's own are not. */
const clientTool =
  (types: ReadonlySet<Json>) =>
  (tool: Json, path: string): string | null =>
    isObject(tool) && !types.has(tool['type']) ? path : null;

const chatTool = clientTool(new Set(['function', 'custom']));
const messageTool = clientTool(new Set([undefined, null, 'custom']));

export const unboundedChat: UnboundedPart = (body) =>
  dearTier(body) ??
  anyOf(body, ['audio', 'web_search_options']) ??
  first<Json>(body['modalities'], (kind, path) => (kind === 'text' ? null : path), 'modalities') ??
  first(body['tools'], chatTool, 'tools') ??
  first<Json>(
    body['messages'],
    (message, path) =>
      isObject(message)
        ? isSet(message['audio'])
          ? `${path}.audio`
          : unboundedContent(message['content'], `${path}.content`)
        : null,
    'messages',
  );

export const unboundedCompletion: UnboundedPart = () => null;
export const unboundedEmbedding: UnboundedPart = (body) =>
  first<Json>(body['input'], (item, path) => (isObject(item) ? path : null), 'input');

const RESPONSE_ITEMS = new Set<Json>([
  undefined,
  'message',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'reasoning',
]);

export const unboundedResponse: UnboundedPart = (body) =>
  dearTier(body) ??
  anyOf(body, ['previous_response_id', 'conversation', 'prompt', 'background']) ??
  first(body['tools'], chatTool, 'tools') ??
  first<Json>(
    body['input'],
    (item, path) => {
      if (!isObject(item)) return null;
      if (!RESPONSE_ITEMS.has(item['type'])) return path;
      return (
        unboundedContent(item['content'], `${path}.content`) ??
        unboundedContent(item['output'], `${path}.output`)
      );
    },
    'input',
  );

/** Blocks of a message; results of tools hold blocks in turn. */
function unboundedBlocks(content: Json, path: string): string | null {
  return first<Json>(
    content,
    (block, at) => {
      if (!isObject(block)) return null;
      switch (block['type']) {
        case 'text':
        case 'thinking':
        case 'redacted_thinking':
        case 'tool_use':
          return null;
        case 'tool_result':
          return unboundedBlocks(block['content'], `${at}.content`);
        default:
          return at;
      }
    },
    path,
  );
}

export const unboundedMessage: UnboundedPart = (body) =>
  dearTier(body) ??
  anyOf(body, ['mcp_servers', 'container']) ??
  first(body['tools'], messageTool, 'tools') ??
  unboundedBlocks(body['system'], 'system') ??
  first<Json>(
    body['messages'],
    (message, path) => (isObject(message) ? unboundedBlocks(message['content'], `${path}.content`) : null),
    'messages',
  );
