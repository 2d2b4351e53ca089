import { CHUNK_EVERY_MS, chatBody, STREAM_CHUNKS } from './canned.ts';
import type { Latencies } from './load/runs.ts';
import type { Name } from './proxies/contestants.ts';

export const CONNECTIONS = 64;
export const PER_SECOND = 250;
export interface Case {
  readonly name: 'small' | 'streamed' | '100 KiB' | '200 KB';
  readonly body: string;
  readonly streamed: boolean;
  readonly measuresLatency: boolean;
}
export const CASES: readonly Case[] = [
  { name: 'small', body: chatBody(160).toString(), streamed: false, measuresLatency: true },
  { name: 'streamed', body: chatBody(160, true).toString(), streamed: true, measuresLatency: false },
  { name: '100 KiB', body: chatBody(102_400).toString(), streamed: false, measuresLatency: true },
  { name: '200 KB', body: chatBody(200_000).toString(), streamed: false, measuresLatency: false },
];

export interface Sample {
  readonly perSecond: number;
  /** CPU time of the proxy for a request; NaN for the provider itself. */
  readonly cpuUs: number;
  /** Share of one core that the proxy had while it was under load. */
  readonly busy: number;
  readonly chunksLost: number;
  readonly cpuUsPerChunk: number;
  readonly generatorBusy: number;
  readonly failed: number;
}
export interface Measured {
  readonly samples: Sample[];
  readonly latencies: Latencies[];
}
/** Case → contestant → a sample of each round. */
export type Measurements = Map<Case['name'], Map<Name, Measured>>;

export interface ProxyOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly cases: readonly string[];
  readonly profile: boolean;
}

export const streamPace = `${CONNECTIONS} streams of ${STREAM_CHUNKS} chunks, one each ${CHUNK_EVERY_MS} ms`;
