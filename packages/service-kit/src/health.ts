import { Controller, type DynamicModule, Get, Global, Header, Injectable, Module, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { collectDefaultMetrics, register } from 'prom-client';

export interface Gate {
  open(): void;
  close(reason: string): void;
}

/** What a service waits for before it may serve: each gate is closed, with a reason, until it is opened. */
@Injectable()
export class Readiness {
  private readonly closed = new Map<string, string>();

  gate(name: string, reason = 'starting'): Gate {
    this.closed.set(name, reason);
    return {
      open: () => void this.closed.delete(name),
      close: (why) => void this.closed.set(name, why),
    };
  }

  get missing(): string[] {
    return [...this.closed].map(([name, reason]) => `${name}: ${reason}`);
  }
}

@Controller()
class HealthController {
  constructor(private readonly readiness: Readiness) {}

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
    return register.metrics();
  }
}

/** `/healthz` (the process lives), `/readyz` (it may serve, or what is missing) and `/metrics` (Prometheus). */
@Global()
@Module({})
export class HealthModule {
  static register(): DynamicModule {
    register.clear();
    collectDefaultMetrics();
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [Readiness],
      exports: [Readiness],
    };
  }
}
