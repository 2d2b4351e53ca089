import {
  Controller,
  type DynamicModule,
  Get,
  Global,
  Header,
  Inject,
  Injectable,
  Module,
  Res,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { collectDefaultMetrics, Gauge, register } from 'prom-client';

export interface Gate {
  open(): void;
  close(reason: string): void;
}

/** What a service waits for before it may serve: each gate is closed, with a reason, until it is opened. */
@Injectable()
export class Readiness {
  private readonly closed = new Map<string, string>();
  private readonly leaving = new AbortController();

  gate(name: string, reason = 'starting'): Gate {
    this.closed.set(name, reason);
    return {
      open: () => void this.closed.delete(name),
      close: (why) => void this.closed.set(name, why),
    };
  }

  /** Says once and for all that the service is about to end. */
  leave(reason: string): void {
    this.gate('shutdown', reason);
    this.leaving.abort();
  }

  /** Calls back when the service begins to end. */
  onLeave(listener: () => void): void {
    this.leaving.signal.addEventListener('abort', listener);
  }

  get missing(): string[] {
    return [...this.closed].map(([name, reason]) => `${name}: ${reason}`);
  }
}

/** The text that Prometheus gets. */
export type ReadMetrics = () => Promise<string>;
const READ_METRICS = Symbol('read metrics');

@Controller()
class HealthController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(READ_METRICS) private readonly readMetrics: ReadMetrics,
  ) {
    new Gauge({
      name: 'tollgate_ready',
      help: 'Whether this process may serve: 1, or 0 while /readyz says what is missing',
      collect() {
        this.set(readiness.missing.length === 0 ? 1 : 0);
      },
      aggregator: 'min',
    });
  }

  @Get('healthz')
  healthz() {
    return { alive: true };
  }

  @Get('readyz')
  readyz(@Res() reply: FastifyReply) {
    const { missing } = this.readiness;
    void reply.status(missing.length === 0 ? 200 : 503).send({ ready: missing.length === 0, missing });
  }

  @Get('metrics')
  @Header('content-type', register.contentType)
  metrics() {
    return this.readMetrics();
  }
}

/** `/healthz` (the process lives), `/readyz` (it may serve, or what is missing) and `/metrics` (Prometheus). */
@Global()
@Module({})
export class HealthModule {
  /** @param readMetrics those of this process, unless it is one of several that are asked as one */
  static register(readMetrics: ReadMetrics = () => register.metrics()): DynamicModule {
    register.clear();
    collectDefaultMetrics();
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [Readiness, { provide: READ_METRICS, useValue: readMetrics }],
      exports: [Readiness],
    };
  }
}
