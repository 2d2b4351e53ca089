import type { FastifyInstance } from 'fastify';
import { Counter, Histogram } from 'prom-client';
import { inRequest } from './request-id.ts';

/** Asked by machines again and again, and of no interest. */
const UNCOUNTED = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Gives each request that Nest's router answers its id, in the answer and the log, and counts it by its route.
 * @param inLog whether every line of the log that its work writes bears the id: from the first request on, Node then
 * follows all that the process does asynchronously, which costs each promise and timer
 */
export function watchApiRequests(fastify: FastifyInstance, inLog = true): void {
  const requests = new Counter({
    name: 'tollgate_api_requests_total',
    help: 'Requests to the routes of this service by route, method and class of the status',
    labelNames: ['route', 'method', 'status'],
  });
  const seconds = new Histogram({
    name: 'tollgate_api_request_seconds',
    help: 'Duration of requests to the routes of this service, by method',
    labelNames: ['method'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    if (inLog) inRequest(request.id, done);
    else done();
  });
  // A body arrives outside of what began with its request.
  if (inLog) fastify.addHook('preValidation', (request, _, done) => inRequest(request.id, done));
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const { method } = request;
    if (!UNCOUNTED.has(route)) {
      requests.inc({ route, method, status: `${Math.floor(reply.statusCode / 100)}xx` });
      seconds.observe({ method }, reply.elapsedTime / 1_000);
    }
    done();
  });
}
