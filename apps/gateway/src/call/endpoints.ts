import type { WireFormat } from '../usage/dialects.ts';
import {
  type Bounds,
  chatBounds,
  completionBounds,
  embeddingBounds,
  messageBounds,
  responseBounds,
} from './bounded.ts';

export const PROTOCOLS = ['openai', 'anthropic'] as const;
/** What a provider speaks; a request goes to a provider that speaks the endpoint's protocol. */
export type Protocol = (typeof PROTOCOLS)[number];

/** A proxied route, and what of its body the router has to understand. */
export interface Endpoint {
  readonly path: string;
  /** Below the provider's base URL. */
  readonly upstreamPath: string;
  readonly protocol: Protocol;
  /** How its answers tell what they used. */
  readonly usage: WireFormat;
  /** Fields that cap each choice's output tokens; the first is added where a cap is needed and none is there. */
  readonly caps: readonly string[];
  /** Fields that say how many answers are generated side by side. */
  readonly choices: readonly string[];
  /** Usage of a stream has to be asked for. */
  readonly asksForUsage: boolean;
  readonly bounds: Bounds;
}

const openAi = { protocol: 'openai', asksForUsage: false, choices: [] } as const;

export const ENDPOINTS: readonly Endpoint[] = [
  {
    ...openAi,
    path: '/v1/chat/completions',
    upstreamPath: '/chat/completions',
    usage: 'chat',
    caps: ['max_completion_tokens', 'max_tokens'],
    choices: ['n'],
    asksForUsage: true,
    bounds: chatBounds,
  },
  {
    ...openAi,
    path: '/v1/completions',
    upstreamPath: '/completions',
    usage: 'completions',
    caps: ['max_tokens'],
    choices: ['n', 'best_of'],
    asksForUsage: true,
    bounds: completionBounds,
  },
  {
    ...openAi,
    path: '/v1/embeddings',
    upstreamPath: '/embeddings',
    usage: 'embeddings',
    caps: [],
    bounds: embeddingBounds,
  },
  {
    ...openAi,
    path: '/v1/responses',
    upstreamPath: '/responses',
    usage: 'responses',
    caps: ['max_output_tokens'],
    bounds: responseBounds,
  },
  {
    path: '/v1/messages',
    upstreamPath: '/messages',
    protocol: 'anthropic',
    usage: 'messages',
    caps: ['max_tokens'],
    choices: [],
    asksForUsage: false,
    bounds: messageBounds,
  },
];

export const endpointAt = (path: string): Endpoint | undefined => BY_PATH.get(path);
const BY_PATH = new Map(ENDPOINTS.map((endpoint) => [endpoint.path, endpoint]));
