import 'reflect-metadata';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplication, InjectionToken, Type } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy, MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { watchApiRequests } from './api-requests.ts';
import { Readiness } from './health.ts';
import { type Logger, NestLogger } from './log.ts';
import { ErrorFilter } from './nest-errors.ts';
import { requestIdOf } from './request-id.ts';
import type { Tracing } from './tracing.ts';

const BODY_LIMIT_BYTES = 1_048_576;
const REQUEST_TIMEOUT_MS = 30_000;
/** How long a connection that a stopping service accepted last has to begin its request. */
const UNASKED_MS = 200;

export interface ShutdownSettings {
  readonly TOLLGATE_LEAVE_MS: number;
  readonly TOLLGATE_SHUTDOWN_MS: number;
}

export interface ServiceSettings {
  readonly name: string;
  readonly module: Type | { module: Type };
  readonly host: string;
  readonly port: number;
  readonly logger: Logger;
  readonly adapter?: AbstractHttpAdapter;
  /** The largest request body; 1 MiB unless said. */
  readonly bodyLimitBytes?: number;
  /** How it ends: see `shutdownSettings`. */
  readonly shutdown: ShutdownSettings;
  /** Tokens of the transport strategies whose consumers this service runs. */
  readonly strategies: InjectionToken[];
  readonly tracing?: Tracing | null;
  /** Whether lines of the log bear the id of the request they are of, beside those of its errors: `true` unless said. */
  readonly logsRequestIds?: boolean;
}

export const fastifyAdapter = (options: ConstructorParameters<typeof FastifyAdapter>[0] = {}) =>
  new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    genReqId: ({ headers }: { headers: Record<string, unknown> }) => requestIdOf(headers['x-request-id']),
    ...options,
  } as ConstructorParameters<typeof FastifyAdapter>[0]);

/** Starts a service: HTTP first, so that `/readyz` can say what is missing, then its consumers. */
export async function runService(settings: ServiceSettings): Promise<INestApplication> {
  const { name, logger, host, port } = settings;
  exitOnBug(logger);
  const app = await NestFactory.create(settings.module, settings.adapter ?? fastifyAdapter(), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  watchApiRequests((app.getHttpAdapter() as FastifyAdapter).getInstance(), settings.logsRequestIds);
  acceptEmptyJson(app, settings.bodyLimitBytes ?? BODY_LIMIT_BYTES);
  app.useGlobalFilters(new ErrorFilter(logger));
  for (const token of settings.strategies) {
    const strategy = app.get<CustomTransportStrategy>(token, { strict: false });
    app.connectMicroservice<MicroserviceOptions>({ strategy }, { inheritAppConfig: true });
  }
  closeUnasked(app.getHttpServer() as Server);
  closeOnSignal(app, settings, logger);
  await app.listen(port, host);
  await app.startAllMicroservices();
  logger.info({ url: await app.getUrl() }, `${name} listens`);
  return app;
}

/** Clients send `content-type: application/json` with a DELETE and no body; that is no error. */
function acceptEmptyJson(app: INestApplication, bodyLimit: number): void {
  const adapter = app.getHttpAdapter() as FastifyAdapter;
  const parse = adapter.getInstance().getDefaultJsonParser('error', 'error');
  adapter.useBodyParser('application/json', false, { bodyLimit }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else void parse(request, body.toString(), done);
  });
}

/** Runs a service's main and turns a failed start into one line and exit code 1. */
export function main(name: string, logger: Logger, start: () => Promise<unknown>): void {
  start().catch((error: unknown) => {
    logger.fatal({ err: error }, `${name} could not start`);
    process.exit(1);
  });
}

/**
 * First signal: not ready, while requests are served as before for as long as balancers take to notice; then Nest's
 * hooks in order. The deadline holds even where a disconnect hangs.
 */
function closeOnSignal(app: INestApplication, { shutdown, tracing }: ServiceSettings, logger: Logger): void {
  const { TOLLGATE_LEAVE_MS: leaveMs, TOLLGATE_SHUTDOWN_MS: deadlineMs } = shutdown;
  let closing = false;
  const close = async (signal: string) => {
    if (closing) return;
    closing = true;
    setTimeout(() => {
      logger.error(`shutdown took longer than ${deadlineMs} ms; exiting`);
      process.exit(1);
    }, deadlineMs).unref();
    try {
      endConnections(app.getHttpServer());
      app.get(Readiness, { strict: false }).leave(`received ${signal}`);
      await sleep(leaveMs);
      await app.close();
      await tracing?.stop();
      process.exit(0);
    } catch (error) {
      logger.error({ err: error }, 'shutdown failed');
      process.exit(1);
    }
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}

/**
 * Browsers and clients open connections ahead of need. Node takes one that has never asked anything for busy, and its
 * server would wait for it to the deadline; so once it takes no new ones, those are closed.
 */
function closeUnasked(server: Server): void {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  setInterval(() => {
    if (server.listening) return;
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  }, UNASKED_MS).unref();
}

/** Answers from now on end their connection, so that a client's next request comes on another, elsewhere. */
function endConnections(server: Server): void {
  server.prependListener('request', (_request: unknown, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
}

/** A bug that nobody caught leaves state unknown: say so and let the supervisor start afresh. */
function exitOnBug(logger: Logger): void {
  for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(kind, (error: unknown) => {
      logger.fatal({ err: error }, kind);
      process.exit(1);
    });
  }
}
