import type { Completion } from './completion.ts';

/** What all chunks of an answer, or the whole answer, repeat. */
export interface AnswerHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

const FINGERPRINT = 'fp_fake000001';

/** A chat completion in one piece. `usage` is put in as it is; `undefined` leaves the field out. */
export function completionBody(head: AnswerHead, completions: readonly Completion[], usage: unknown) {
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    choices: completions.map((completion, index) => ({
      index,
      message: {
        role: 'assistant',
        content: [...completion.tokens()].join(''),
        refusal: null,
        annotations: [],
      },
      logprobs: null,
      finish_reason: completion.finishReason,
    })),
    ...(usage !== undefined && { usage }),
    service_tier: 'default',
    system_fingerprint: FINGERPRINT,
  };
}

/** `content` chunks carry one token each; `usage` is the last one before `[DONE]`. */
export type ChunkKind = 'role' | 'content' | 'finish' | 'usage';
export interface Chunk {
  readonly kind: ChunkKind;
  readonly data: object;
}

/**
 * The chunks of a streamed chat completion in order: for each choice its role, its tokens and its finish reason;
 * at last, where `includeUsage`, the usage with no choices. All others then carry `usage: null`, as OpenAI's do.
 * A `usage` of `undefined` leaves the last chunk out, like a provider that does not report it.
 */
export function* completionChunks(
  head: AnswerHead,
  completions: readonly Completion[],
  { usage, includeUsage }: { usage: unknown; includeUsage: boolean },
): Generator<Chunk> {
  const chunk = (kind: ChunkKind, choices: object[], reported: unknown = null): Chunk => ({
    kind,
    data: {
      id: head.id,
      object: 'chat.completion.chunk',
      created: head.created,
      model: head.model,
      service_tier: 'default',
      system_fingerprint: FINGERPRINT,
      choices,
      ...(includeUsage && { usage: reported }),
    },
  });
  const choice = (index: number, delta: object, finish_reason: string | null = null) => [
    { index, delta, logprobs: null, finish_reason },
  ];
  for (const [index, completion] of completions.entries()) {
    yield chunk('role', choice(index, { role: 'assistant', content: '', refusal: null }));
    for (const content of completion.tokens()) yield chunk('content', choice(index, { content }));
    yield chunk('finish', choice(index, {}, completion.finishReason));
  }
  if (includeUsage && usage !== undefined) yield chunk('usage', [], usage);
}

export const DONE = 'data: [DONE]\n\n';
export const serverSentEvent = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
