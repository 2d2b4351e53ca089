import {
  type Context,
  defaultTextMapGetter,
  diag,
  ROOT_CONTEXT,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { z } from 'zod';
import type { Logger } from './log.ts';

/**
 * Traces are off, and cost nothing, unless this names who takes them, such as `http://collector:4318`. The other
 * variables of OpenTelemetry, such as OTEL_TRACES_SAMPLER and OTEL_EXPORTER_OTLP_HEADERS, hold beside it.
 */
export const tracingSettings = { OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional() };

export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what waits. */
  stop(): Promise<void>;
}

export interface TracingSettings {
  readonly service: string;
  readonly instance?: string;
  readonly endpoint: string | undefined;
  readonly logger: Logger;
}

/** The end of a service waits no longer than this for a receiver that does not answer. */
const LAST_FLUSH_MS = 3_000;

/** Sends spans to a receiver by OTLP over HTTP; `null` where none is named. What it takes is loaded only then. */
export async function startTracing(settings: TracingSettings): Promise<Tracing | null> {
  const { service, instance, endpoint, logger } = settings;
  if (!endpoint) return null;
  const [{ BasicTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const say = (message: string) => logger.warn({ part: 'tracing' }, message);
  const ignore = () => undefined;
  diag.setLogger({ error: say, warn: say, info: ignore, debug: ignore, verbose: ignore });
  const own = { 'service.namespace': 'tollgate', 'service.name': service };
  const resource = resources
    .resourceFromAttributes(instance ? { ...own, 'service.instance.id': instance } : own)
    .merge(resources.detectResources({ detectors: [resources.envDetector] }));
  const processor = new BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  logger.info({ endpoint }, 'traces are sent');
  return {
    tracer: provider.getTracer('tollgate'),
    async stop() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LAST_FLUSH_MS);
      });
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

const propagator = new W3CTraceContextPropagator();

/** The context that W3C headers tell of; none where they are missing or malformed. */
export const contextOf = (headers: Readonly<Record<string, unknown>>): Context =>
  propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);

/** A span as the header `traceparent` names it. */
export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
