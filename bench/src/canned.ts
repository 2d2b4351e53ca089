/** What clients ask and the provider stand-in answers: made once, so that no side spends time on it. */
export const MODEL = 'gpt-4o-mini';
const COMPLETION = {
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: MODEL,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'The answer to your question is forty-two.', refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 12,
    completion_tokens: 8,
    total_tokens: 20,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  },
};
export const COMPLETION_BODY = Buffer.from(JSON.stringify(COMPLETION));

/** Events with text in one streamed answer; one with its usage and `[DONE]` follow. */
export const STREAM_CHUNKS = 100;
/** A stream's events are this far apart. */
export const CHUNK_EVERY_MS = 10;

const chunk = (fields: object) =>
  `data: ${JSON.stringify({ id: COMPLETION.id, object: 'chat.completion.chunk', created: COMPLETION.created, model: MODEL, ...fields })}\n\n`;

export const STREAM_EVENTS: readonly string[] = [
  ...Array.from({ length: STREAM_CHUNKS }, (_, index) =>
    chunk({
      choices: [{ index: 0, delta: { content: ` word ${index}` }, logprobs: null, finish_reason: null }],
    }),
  ),
  `${chunk({ choices: [], usage: COMPLETION.usage })}data: [DONE]\n\n`,
];
/** Marks one event with text in the bytes of a stream. */
export const CHUNK_MARK = '"delta"';

/** A chat completion request of about `bytes` bytes, its prompt in messages of some hundred words. */
export function chatBody(bytes: number, stream = false): Buffer {
  const sentence = 'She said: "prices rose by 3 % — again", and\nnobody in the café asked why. ';
  const messages = [{ role: 'system', content: 'You are a helpful assistant.' }];
  const call = { model: MODEL, stream, messages };
  const size = () => Buffer.byteLength(JSON.stringify(call));
  const step = Math.min(2_000, bytes);
  for (let room = bytes - size(); room > 60; room = bytes - size()) {
    const content = sentence.repeat(Math.ceil(step / sentence.length)).slice(0, Math.min(step, room - 50));
    messages.push({ role: 'user', content });
  }
  return Buffer.from(JSON.stringify(call));
}
