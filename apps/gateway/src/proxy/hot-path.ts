import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Tracer } from '@opentelemetry/api';
import { TollgateError } from '@tollgate/contracts/errors';
import type { Allowances } from '@tollgate/domain/allowance/allowances';
import { newId } from '@tollgate/service-kit/ids';
import type { Logger } from '@tollgate/service-kit/log';
import type { AllowanceKeeper } from '../allowances/keeper.ts';
import type { Wait } from '../allowances/waiting-requests.ts';
import { Call } from '../call/call.ts';
import { type Endpoint, endpointAt, type Protocol } from '../call/endpoints.ts';
import type { Denials } from '../denials/denials.ts';
import type { Authenticator, Caller } from '../identify/authenticate.ts';
import type { Reports } from '../key-state/reports.ts';
import type { Providers } from '../providers/providers.ts';
import { type Candidate, candidatesFor } from '../providers/route.ts';
import type { UsageQueue } from '../settle/usage-queue.ts';
import type { WriteAheadLog } from '../wal/write-ahead-log.ts';
import { type Admitted, hasCostLimit, type Lacks } from './admission.ts';
import { Answer } from './answer.ts';
import { type AdmittedRequest, Exchange, type ExchangeParts } from './exchange.ts';
import { setLimitHeaders } from './limit-headers.ts';
import { modelsFor } from './models.ts';
import { ownKey } from './own-key.ts';
import { ClientGone, readBody } from './read-body.ts';
import { RequestTrace } from './request-trace.ts';

export interface HotPathParts extends ExchangeParts {
  readonly authenticator: Authenticator;
  readonly denials: Denials;
  readonly allowances: Allowances;
  readonly keeper: AllowanceKeeper;
  readonly providers: Providers;
  readonly queue: UsageQueue;
  readonly log: WriteAheadLog;
  readonly reports: Reports;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
  readonly maxInFlight: number;
  /** `null` where no traces are sent. */
  readonly tracer: Tracer | null;
}

/** A request of somebody who is known, with all that it is decided on. */
interface Asking extends Pick<AdmittedRequest, 'arrivedMs' | 'trace'> {
  readonly req: IncomingMessage;
  readonly answer: Answer;
  readonly caller: Caller;
  readonly call: Call;
  readonly served: readonly Candidate[];
}

/** A request's whole way through the router, on node:http: no database, no broker and no framework on it. */
export class HotPath {
  /** Not before every key is known: a key that is missing here would be refused as invalid. */
  private accepting = false;

  constructor(private readonly parts: HotPathParts) {}

  startAccepting(): void {
    this.accepting = true;
  }

  /** From now on requests are told to go elsewhere, those that wait too; those under way go on. */
  stopAccepting(): void {
    this.accepting = false;
    this.parts.keeper.dismiss();
  }

  /** Answers the routes that belong here; `false` for all others. */
  route(req: IncomingMessage, res: ServerResponse): boolean {
    const path = pathOf(req);
    if (req.method === 'POST') {
      const endpoint = endpointAt(path);
      if (!endpoint) return false;
      void this.answer(req, res, path, endpoint.protocol, (answer, trace) =>
        this.proxy(req, answer, endpoint, trace),
      );
      return true;
    }
    if (req.method !== 'GET') return false;
    if (path === '/v1/key')
      void this.answer(req, res, path, 'openai', (answer) => this.showOwnKey(req, answer));
    else if (path === '/v1/models')
      void this.answer(req, res, path, 'openai', (answer) => this.listModels(req, answer));
    else return false;
    return true;
  }

  private async proxy(
    req: IncomingMessage,
    answer: Answer,
    endpoint: Endpoint,
    trace: RequestTrace | null,
  ): Promise<void> {
    const { authenticator, providers, denials, maxBodyBytes } = this.parts;
    const startedMs = performance.now();
    // ① Who is calling, and for what.
    const caller = authenticator.authenticate(req, Date.now(), endpoint.protocol === 'anthropic');
    trace?.identified(caller.key.id);
    try {
      const identifiedMs = performance.now();
      const body = await readBody(req, maxBodyBytes);
      const arrivedMs = performance.now() - (identifiedMs - startedMs);
      const call = new Call(endpoint, body);
      const served = candidatesFor(providers, endpoint.protocol, call.model);
      // ② Whether it may; where too little of a limit is here, once metering has been asked.
      const asking = { req, answer, caller, call, served, arrivedMs, trace };
      const lacks = this.admit(asking, null);
      if (lacks) await this.admitLater(asking, lacks);
    } catch (error) {
      if (error instanceof TollgateError && REFUSALS.has(error.status)) {
        denials.count(caller.key.id, error.code, caller.clientIp, Date.now());
      }
      throw error;
    }
  }

  /**
   * Decided, counted and held in one turn, so that no other request comes between.
   * @param wait the request's, where it has waited for metering
   * @returns what is to be asked for first; `null` where the request is on its way
   */
  private admit(asking: Asking, wait: Wait | null): Lacks | null {
    const { authenticator, priceBook, clocks, admission, allowances, reports } = this.parts;
    const { req, answer, caller, call, served, arrivedMs, trace } = asking;
    const { key, clientIp } = caller;
    const now = clocks.read();
    const { nowMs } = now;
    // A body takes its time to arrive, as does metering's answer, and the key may have changed meanwhile.
    authenticator.confirm(caller, nowMs);
    const candidates = served.filter(({ model }) => key.allowsModel(model));
    if (candidates.length === 0) throw modelNotAllowed(call.model);
    const { provider, model } = candidates[0]!;
    const price = priceBook.priceOf(provider.name, model, nowMs);
    if (!price && hasCostLimit(key)) throw unpriced(call.model);
    this.checkRoom(wait ? 1 : 0);
    const isLast = wait?.isOver ?? false;
    let admitted: Admitted | Lacks;
    try {
      admitted = admission.request(key, call, price, now, isLast);
    } finally {
      // Whatever was decided.
      setLimitHeaders(answer, key, allowances, now);
    }
    if ('lacking' in admitted) return admitted;
    reports.noteUse(key.scopes);
    // ③ Forward; ④ settle when the answer ends.
    const request = { headers: req.headers, key, call, candidates, clientIp, arrivedMs, trace };
    new Exchange(this.parts, answer, request).start(admitted, nowMs);
    return null;
  }

  /** Decides again whenever metering has answered, and for the last time after a second. */
  private async admitLater(asking: Asking, first: Lacks): Promise<void> {
    const { keeper } = this.parts;
    const wait = keeper.wait(asking.answer.res);
    try {
      for (let lacks: Lacks | null = first; lacks; lacks = this.admit(asking, wait)) {
        await keeper.ask(wait, lacks.lacking);
      }
    } finally {
      keeper.waited(wait);
    }
  }

  private async showOwnKey(req: IncomingMessage, answer: Answer): Promise<void> {
    const { authenticator, allowances, clocks, traffic } = this.parts;
    const now = clocks.read();
    const { key } = authenticator.authenticate(req, now.nowMs, false);
    setLimitHeaders(answer, key, allowances, now);
    answer.set('cache-control', 'no-store');
    answer.json(200, ownKey(key, allowances, now));
    traffic.ended('/v1/key', 'succeeded', 'none');
  }

  private async listModels(req: IncomingMessage, answer: Answer): Promise<void> {
    const nowMs = Date.now();
    const { authenticator, providers, priceBook } = this.parts;
    const { key } = authenticator.authenticate(req, nowMs, true);
    answer.json(200, modelsFor(key, providers, priceBook, nowMs));
    this.parts.traffic.ended('/v1/models', 'succeeded', 'none');
  }

  /**
   * Refuses before the provider is called when its usage could not be kept, or its answer not be waited for.
   * @param own of the requests that wait, the one that asks
   */
  private checkRoom(own: 0 | 1): void {
    const { queue, log, inFlight, keeper, maxInFlight } = this.parts;
    if (queue.isFull || log.isFull) {
      throw new TollgateError(
        'usage_backlog_full',
        'Usage cannot be recorded at the moment. Try again shortly.',
      );
    }
    if (inFlight.size + keeper.waitingCount - own >= maxInFlight) {
      throw new TollgateError(
        'gateway_busy',
        'This router has as many requests under way as it may. Try again shortly.',
      );
    }
  }

  private async answer(
    req: IncomingMessage,
    res: ServerResponse,
    path: string,
    protocol: Protocol,
    respond: (answer: Answer, trace: RequestTrace | null) => Promise<void>,
  ): Promise<void> {
    const requestId = newId('req');
    const answer = new Answer(res, requestId);
    const { tracer } = this.parts;
    const trace = tracer && req.method === 'POST' ? new RequestTrace(tracer, req, path, requestId) : null;
    try {
      if (!this.accepting)
        throw new TollgateError('not_ready', 'This router is not ready. Try again shortly.');
      await respond(answer, trace);
    } catch (error) {
      const { traffic } = this.parts;
      if (error instanceof TollgateError) {
        traffic.ended(path, 'refused', error.code);
        trace?.end('refused', error.code, error.status);
        answer.error(error, protocol);
      } else if (error instanceof ClientGone) {
        traffic.ended(path, 'aborted', 'client_left');
        trace?.end('aborted', 'client_left', 499);
      } else {
        traffic.ended(path, 'failed', 'internal_error');
        trace?.end('failed', 'internal_error', 500);
        this.answerBug(req, answer, error, protocol);
      }
    }
  }

  private answerBug(req: IncomingMessage, answer: Answer, error: unknown, protocol: Protocol): void {
    const { res, requestId: request_id } = answer;
    this.parts.logger.error({ err: error, request_id, path: pathOf(req) }, 'unforeseen error');
    if (res.headersSent) res.destroy();
    else
      answer.error(
        new TollgateError('internal_error', 'Something failed here; it has been logged.'),
        protocol,
      );
  }
}

const pathOf = (req: IncomingMessage) => {
  const url = req.url ?? '';
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
};

/** Statuses that say that a key may not, rather than that a request is wrong. */
const REFUSALS = new Set([403, 429]);

const modelNotAllowed = (model: string) =>
  new TollgateError(
    'model_not_allowed',
    `This API key may not use the model "${model.slice(0, 100)}". GET /v1/models lists those it may.`,
    { param: 'model' },
  );

const unpriced = (model: string) =>
  new TollgateError(
    'model_unpriced',
    `The model "${model.slice(0, 100)}" has no price here, and there is a cost limit on this key, its team or its organization. ` +
      "Use a priced model, or ask the router's operator to add its price.",
    { param: 'model' },
  );
