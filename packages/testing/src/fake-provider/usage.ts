/** A message of a request, as far as tokens are counted from it. */
export interface ChatMessage {
  readonly role: string;
  readonly content?: string | readonly ContentPart[] | null | undefined;
}
export interface ContentPart {
  readonly type: string;
  readonly text?: string | undefined;
}

/** A message's text: its content, or its text parts one after the other. Images and tool calls have none. */
export function textOf({ content }: ChatMessage): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('');
}

/** One token per four bytes of UTF-8, rounded up: near what real tokenizers find, and easy to work out by hand. */
export const countTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);

const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_REPLY = 3;

/** Prompt tokens of a request: 3 for the reply, and for each message 3 and {@link countTokens} of its text. */
export function promptTokens(messages: readonly ChatMessage[]): number {
  return messages.reduce(
    (sum, message) => sum + TOKENS_PER_MESSAGE + countTokens(textOf(message)),
    TOKENS_PER_REPLY,
  );
}
