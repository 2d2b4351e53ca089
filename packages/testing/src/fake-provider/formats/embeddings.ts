import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Answer, type Format, readBody } from '../format.ts';
import { promptOf } from '../tokens.ts';
import { countTokens } from '../usage.ts';
import { openAi } from './openai.ts';

const token = z.int().min(0);
const embeddingRequest = z.looseObject({
  model: z.string().min(1),
  input: z.union([
    z.string(),
    z.array(z.string()).min(1),
    z.array(token).min(1),
    z.array(z.array(token)).min(1),
  ]),
  dimensions: z.int().min(1).max(4096).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
});
type EmbeddingRequest = z.infer<typeof embeddingRequest>;
type Input = string | number[];

const DIMENSIONS = 8;

/** `POST /v1/embeddings`: no stream, no output tokens; an input of token numbers has as many tokens. */
export const embeddings: Format = {
  ...openAi,
  idPrefix: 'emb-',
  read(body) {
    const request = readBody(embeddingRequest, body);
    const inputs = inputsOf(request.input);
    const counts = inputs.map((input) => (typeof input === 'string' ? countTokens(input) : input.length));
    return {
      model: request.model,
      streamed: false,
      messages: inputs.map((input) => ({ role: 'user', content: String(input) })),
      promptTokens: counts.reduce((sum, count) => sum + count, 0),
      cap: undefined,
      choices: 0,
      whole: (answer) => whole(answer, request, inputs),
      stream: () => [],
    };
  },
};

function inputsOf(input: EmbeddingRequest['input']): Input[] {
  if (typeof input === 'string') return [input];
  return input.every((each) => typeof each === 'number') ? [input] : (input as Input[]);
}

function whole({ tokens, usage }: Answer, request: EmbeddingRequest, inputs: Input[]) {
  const prompt = promptOf(tokens);
  return {
    object: 'list',
    model: request.model,
    data: inputs.map((input, index) => {
      const vector = vectorOf(String(input), request.dimensions ?? DIMENSIONS);
      const base64 = request.encoding_format === 'base64';
      return {
        object: 'embedding',
        index,
        embedding: base64 ? Buffer.from(vector.buffer).toString('base64') : [...vector],
      };
    }),
    usage: usage({ prompt_tokens: prompt, total_tokens: prompt }),
  };
}

/** Numbers in [-1, 1], the same for the same text. */
function vectorOf(text: string, dimensions: number): Float32Array {
  const digest = createHash('sha256').update(text).digest();
  return Float32Array.from({ length: dimensions }, (_, index) => digest[index % digest.length]! / 127.5 - 1);
}
