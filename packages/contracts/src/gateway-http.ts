import { z } from 'zod';
import { overviewMeter } from './admin-http.ts';
import { dimension, limits, scopeKind } from './limits.ts';

/** `details` of a 429: which limit, how it stands and when it opens again. Cost is in decimal USD strings. */
export const limitReachedDetails = z.object({
  scope: scopeKind,
  scope_id: z.string(),
  dimension,
  limit: z.union([z.string(), z.int()]),
  used: z.union([z.string(), z.int()]),
  held: z.union([z.string(), z.int()]),
  remaining: z.union([z.string(), z.int()]),
  /** The period's id; `null` for requests per minute. */
  period: z.string().nullable(),
  resets_at: z.string().nullable(),
});
export type LimitReachedDetails = z.infer<typeof limitReachedDetails>;

/** `GET /v1/models`: the fields of OpenAI's list and of Anthropic's side by side. */
export const modelList = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      id: z.string(),
      object: z.literal('model'),
      created: z.int(),
      owned_by: z.string(),
      type: z.literal('model'),
      display_name: z.string(),
      created_at: z.string(),
    }),
  ),
  has_more: z.boolean(),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
});
export type ModelList = z.infer<typeof modelList>;

/** `GET /v1/key`: what its holder may know of a key. */
export const ownKey = z.object({ name: z.string(), limits, meter: overviewMeter });
export type OwnKey = z.infer<typeof ownKey>;
