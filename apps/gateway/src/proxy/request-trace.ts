import type { IncomingMessage } from 'node:http';
import { type Context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { TokenCounts } from '@tollgate/contracts/events';
import { contextOf, traceparentOf } from '@tollgate/service-kit/tracing';
import type { Ending, EndingReason } from '../metrics/traffic.ts';
import type { WireFormat } from '../usage/dialects.ts';

/** What OpenTelemetry calls what an endpoint does. */
const OPERATIONS: Readonly<Record<WireFormat, string>> = {
  chat: 'chat',
  responses: 'chat',
  messages: 'chat',
  completions: 'text_completion',
  embeddings: 'embeddings',
};

export interface TracedAttempt {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly usage: WireFormat;
}

/** A request's span, below the one that its caller tells of. Exists only where traces are sent. */
export class RequestTrace {
  private readonly span: Span;
  private readonly context: Context;

  constructor(
    private readonly tracer: Tracer,
    req: IncomingMessage,
    path: string,
    requestId: string,
  ) {
    const parent = contextOf(req.headers);
    const attributes = {
      'http.request.method': req.method ?? '',
      'http.route': path,
      'tollgate.request_id': requestId,
    };
    this.span = tracer.startSpan(`${req.method} ${path}`, { kind: SpanKind.SERVER, attributes }, parent);
    this.context = trace.setSpan(parent, this.span);
  }

  identified(keyId: string): void {
    this.span.setAttribute('tollgate.key_id', keyId);
  }

  attempt({ id, provider, model, usage }: TracedAttempt): AttemptTrace {
    const operation = OPERATIONS[usage];
    const attributes = {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': model,
      'tollgate.attempt_id': id,
    };
    const options = { kind: SpanKind.CLIENT, attributes };
    return new AttemptTrace(this.tracer.startSpan(`${operation} ${model}`, options, this.context));
  }

  end(ending: Ending, reason: EndingReason, httpStatus: number): void {
    this.span.setAttributes({
      'http.response.status_code': httpStatus,
      'tollgate.outcome': ending,
      'tollgate.reason': reason,
    });
    if (ending === 'failed' || httpStatus >= 500) this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end();
  }
}

/** An attempt's span; its usage record goes on with its trace. */
export class AttemptTrace {
  readonly traceparent: string;

  constructor(private readonly span: Span) {
    this.traceparent = traceparentOf(span);
  }

  settled(status: string, httpStatus: number | null, tokens: TokenCounts, costUsd: string | null): void {
    this.span.setAttributes({
      'tollgate.status': status,
      'gen_ai.usage.input_tokens': tokens.input,
      'gen_ai.usage.output_tokens': tokens.output,
      ...(httpStatus !== null && { 'http.response.status_code': httpStatus }),
      ...(costUsd !== null && { 'tollgate.cost_usd': costUsd }),
    });
    if (status === 'failed') this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end();
  }

  /** It was not sent. */
  withdrawn(): void {
    this.span.setAttribute('tollgate.status', 'withdrawn');
    this.span.end();
  }
}
