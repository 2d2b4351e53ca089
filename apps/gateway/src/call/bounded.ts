/**
 * What of a request can be bounded before it is made. Text is: a token is at least one byte of it. Pictures, sound,
 * files, what a provider has stored, and tools that a provider runs are not; they are found here by allowing what is
 * known to be text, so that a part that is new to the world counts as unbounded.
 */

type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

/** What can be bounded of an endpoint's requests. */
export interface Bounds {
  /**
   * Fields with what is said, and how deep they are nested where it is all text. A request in which none of them goes
   * deeper and nothing {@link beside} them is set need not be read further.
   */
  readonly text: Readonly<Record<string, number>>;
  /** Other fields that may say what cannot be bounded. */
  readonly beside: readonly string[];
  /** The path of a part that cannot be bounded, such as `messages.0.content.1`; `null` where all can. */
  readonly unboundedPart: (body: JsonObject) => string | null;
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSet = (value: Json) => value !== undefined && value !== null;
const TIER = 'service_tier';

/** Where within an item that is which cannot be bounded: `''` where it is the item itself; `null` where all can be. */
type Check = (item: Json) => string | null;
const ITSELF = '';

/** The path of the first such part in the items of a field, from the field on. */
function first(field: string, items: Json, check: Check): string | null {
  if (!Array.isArray(items)) return null;
  for (let index = 0; index < items.length; index += 1) {
    const found = check(items[index]);
    if (found !== null) return found === ITSELF ? `${field}.${index}` : `${field}.${index}.${found}`;
  }
  return null;
}

/** The first of the fields that is set. */
const anyOf = (body: JsonObject, fields: readonly string[]) =>
  fields.find((name) => isSet(body[name])) ?? null;

/** A tier that costs more than the catalog's price. */
const dearTier = ({ [TIER]: tier }: JsonObject) =>
  !isSet(tier) || tier === 'auto' || tier === 'default' || tier === 'flex' || tier === 'standard_only'
    ? null
    : TIER;

const TEXT_PARTS = new Set([
  'text',
  'input_text',
  'output_text',
  'refusal',
  'summary_text',
  'reasoning_text',
]);

const textPart: Check = (part) => (isObject(part) && !TEXT_PARTS.has(String(part['type'])) ? ITSELF : null);
/** A string, or parts that are all text. */
const textContent = ({ content }: JsonObject) => first('content', content, textPart);

/** Tools that the client runs are text in and text out; a provider's own are not. */
const clientTool =
  (types: ReadonlySet<Json>): Check =>
  (tool) =>
    isObject(tool) && !types.has(tool['type']) ? ITSELF : null;

const chatTool = clientTool(new Set(['function', 'custom']));
const messageTool = clientTool(new Set([undefined, null, 'custom']));

const modality: Check = (kind) => (kind === 'text' ? null : ITSELF);
/** An answer's sound is named by an object; what is neither that nor content is text. */
const chatMessage: Check = (message) => {
  if (!isObject(message)) return null;
  const { audio } = message;
  return typeof audio === 'object' && audio !== null ? 'audio' : textContent(message);
};

const CHAT_EXTRAS = ['audio', 'web_search_options'];
export const chatBounds: Bounds = {
  text: { messages: 2 },
  beside: [TIER, ...CHAT_EXTRAS, 'modalities', 'tools'],
  unboundedPart: (body) =>
    dearTier(body) ??
    anyOf(body, CHAT_EXTRAS) ??
    first('modalities', body['modalities'], modality) ??
    first('tools', body['tools'], chatTool) ??
    first('messages', body['messages'], chatMessage),
};

export const completionBounds: Bounds = { text: {}, beside: [], unboundedPart: () => null };
export const embeddingBounds: Bounds = {
  text: { input: 1 },
  beside: [],
  unboundedPart: (body) => first('input', body['input'], (item) => (isObject(item) ? ITSELF : null)),
};

const RESPONSE_ITEMS = new Set<Json>([
  undefined,
  'message',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'reasoning',
]);

const responseItem: Check = (item) => {
  if (!isObject(item)) return null;
  if (!RESPONSE_ITEMS.has(item['type'])) return ITSELF;
  return textContent(item) ?? first('output', item['output'], textPart);
};

const RESPONSE_EXTRAS = ['previous_response_id', 'conversation', 'prompt', 'background'];
export const responseBounds: Bounds = {
  text: { input: 0 },
  beside: [TIER, ...RESPONSE_EXTRAS, 'tools'],
  unboundedPart: (body) =>
    dearTier(body) ??
    anyOf(body, RESPONSE_EXTRAS) ??
    first('tools', body['tools'], chatTool) ??
    first('input', body['input'], responseItem),
};

/** A block of a message; results of tools hold blocks in turn. */
const block: Check = (item) => {
  if (!isObject(item)) return null;
  switch (item['type']) {
    case 'text':
    case 'thinking':
    case 'redacted_thinking':
    case 'tool_use':
      return null;
    case 'tool_result':
      return first('content', item['content'], block);
    default:
      return ITSELF;
  }
};

const MESSAGE_EXTRAS = ['mcp_servers', 'container'];
export const messageBounds: Bounds = {
  text: { messages: 2, system: 0 },
  beside: [TIER, ...MESSAGE_EXTRAS, 'tools'],
  unboundedPart: (body) =>
    dearTier(body) ??
    anyOf(body, MESSAGE_EXTRAS) ??
    first('tools', body['tools'], messageTool) ??
    first('system', body['system'], block) ??
    first('messages', body['messages'], (message) =>
      isObject(message) ? first('content', message['content'], block) : null,
    ),
};
