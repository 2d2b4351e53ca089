import type { TokenCounts, UsageRecorded } from '@tollgate/contracts/events';
import { instantWriter } from '../instant-writer.ts';
import type { Attempt, Draft } from './attempt.ts';

/** What of a usage record is known when its attempt has ended. */
export type Ending = Omit<UsageRecorded, keyof Draft>;

const MOST_ROUTES = 1_000;
const admittedAt = instantWriter();

/**
 * Writes usage records as JSON by hand, two for every request: what a key and a route always say is written once, and
 * the rest are numbers, instants and words of our own that need no escaping.
 */
export class RecordJson {
  private readonly gateway: string;
  /** A client names models as it likes; the map is begun anew when it is full. */
  private readonly routes = new Map<string, string>();

  constructor(gateway: string) {
    this.gateway = JSON.stringify(gateway);
  }

  draft(attempt: Attempt): string {
    const { id, key, streamed, admittedAtMs, clientIp, generations, holdings } = attempt;
    return (
      `{"id":"${id}",${key.recordJson},"gateway":${this.gateway},${this.routeJson(attempt)},` +
      `"streamed":${streamed},"admitted_at":"${admittedAt(admittedAtMs)}",` +
      `"client_ip":${text(clientIp)},` +
      `"generations":{"key":${generations.key},"team":${generations.team},"organization":${generations.organization}}` +
      `${holdings ? `,"allowances":${holdings.namesJson}` : ''}}`
    );
  }

  private routeJson({ endpoint, provider, model, upstreamModel }: Attempt): string {
    const name = `${endpoint}\n${provider}\n${model}\n${upstreamModel}`;
    let json = this.routes.get(name);
    if (json === undefined) {
      json = JSON.stringify({ endpoint, provider, model, upstream_model: upstreamModel }).slice(1, -1);
      if (this.routes.size >= MOST_ROUTES) this.routes.clear();
      this.routes.set(name, json);
    }
    return json;
  }
}

/** A whole record: a draft with what became of it. */
export const withEnding = (draft: string, ending: Ending): string =>
  `${draft.slice(0, -1)},"sequence":${ending.sequence},"status":"${ending.status}",` +
  `"http_status":${ending.http_status},"settled_at":"${ending.settled_at}","tokens":${tokensJson(ending.tokens)},` +
  `"quality":"${ending.quality}","cost_usd":${text(ending.cost_usd)},"price_version":${text(ending.price_version)},` +
  `"latency_ms":${ending.latency_ms},"first_token_ms":${ending.first_token_ms}}`;

const text = (value: string | null) => (value === null ? 'null' : JSON.stringify(value));

const tokensJson = (tokens: TokenCounts) =>
  `{"input":${tokens.input},"cached_input":${tokens.cached_input},"cache_write":${tokens.cache_write},` +
  `"output":${tokens.output},"reasoning":${tokens.reasoning},"total":${tokens.total}` +
  `${part('cache_write_1h', tokens.cache_write_1h)}${part('input_audio', tokens.input_audio)}` +
  `${part('output_audio', tokens.output_audio)}}`;

const part = (name: string, tokens: number | undefined) =>
  tokens === undefined ? '' : `,"${name}":${tokens}`;
