import type { IncomingMessage, ServerResponse } from 'node:http';
import { TollgateError } from '@tollgate/contracts/errors';
import { admit } from '@tollgate/domain/admission/admit';
import { newId } from '@tollgate/service-kit/ids';
import type { Logger } from '@tollgate/service-kit/log';
import type { Authenticator } from '../identify/authenticate.ts';
import type { KeyEntry } from '../key-state/key-entry.ts';
import type { Reports } from '../key-state/reports.ts';
import type { PriceBook } from '../providers/price-book.ts';
import { type Provider, providerOf } from '../providers/providers.ts';
import type { Attempt, Settlement } from '../settle/settle.ts';
import type { UsageQueue } from '../settle/usage-queue.ts';
import { answerError, answerJson } from './answer.ts';
import { type ChatCall, readChatCall } from './chat-call.ts';
import type { InFlight } from './in-flight.ts';
import { setLimitHeaders } from './limit-headers.ts';
import { limitReached } from './limit-reached.ts';
import { ownKey } from './own-key.ts';
import { ClientGone, readBody } from './read-body.ts';
import { Relay } from './relay.ts';
import type { Upstreams } from './upstreams.ts';

const CHAT = '/v1/chat/completions';

export interface HotPathParts {
  readonly authenticator: Authenticator;
  readonly providers: readonly Provider[];
  readonly priceBook: PriceBook;
  readonly upstreams: Upstreams;
  readonly settlement: Settlement;
  readonly queue: UsageQueue;
  readonly inFlight: InFlight;
  readonly reports: Reports;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
  readonly maxInFlight: number;
  readonly drainMs: number;
}

/** A request's whole way through the router, on node:http: no database, no broker and no framework on it. */
export class HotPath {
  /** Not before every key is known: a key that is missing here would be refused as invalid. */
  private accepting = false;

  constructor(private readonly parts: HotPathParts) {}

  startAccepting(): void {
    this.accepting = true;
  }

  /** From now on requests are told to go elsewhere; those under way go on. */
  stopAccepting(): void {
    this.accepting = false;
  }

  /** Answers the routes that belong here; `false` for all others. */
  route(req: IncomingMessage, res: ServerResponse): boolean {
    const path = req.url?.split('?', 1)[0];
    if (req.method === 'POST' && path === CHAT) void this.answer(req, res, () => this.proxy(req, res));
    else if (req.method === 'GET' && path === '/v1/key')
      void this.answer(req, res, () => this.showOwnKey(req, res));
    else return false;
    return true;
  }

  private async proxy(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { authenticator, maxBodyBytes, providers, priceBook, reports } = this.parts;
    // ① Who is calling.
    const { key, clientIp } = authenticator.authenticate(req, Date.now(), false);
    const body = await readBody(req, maxBodyBytes);
    const call = readChatCall(body);
    const provider = providerOf(providers, call.model);
    const price = priceBook.priceOf(call.model);
    if (!price && key.allowed.costPicodollars !== null) throw unpriced(call.model);
    // ② Whether it may: decided and counted in one turn, so that no other request comes between.
    const nowMs = Date.now();
    this.checkRoom();
    this.admit(key, res, nowMs);
    reports.noteUse(key.id);
    // ③ Forward; ④ settle when the answer ends.
    this.forward(req, res, call, provider, {
      requestId: String(res.getHeader('x-request-id')),
      key,
      generation: key.generation,
      provider: provider.name,
      model: call.model,
      streamed: call.streamed,
      endpoint: CHAT,
      admittedAtMs: nowMs,
      clientIp,
      requestBytes: body.length,
      price,
      priceVersion: priceBook.version,
    });
  }

  private admit(key: KeyEntry, res: ServerResponse, nowMs: number): void {
    const { allowed, limits } = key;
    if (limits.enforcement === 'hard' && (allowed.costPicodollars !== null || allowed.tokens !== null)) {
      throw new TollgateError(
        'exactness_unavailable',
        'This key never exceeds its limits (enforcement "hard"), which this router cannot promise yet. ' +
          'Its administrator can set enforcement to "soft".',
      );
    }
    const refusal = admit(allowed, key.account(nowMs).usedAt(nowMs), key.window.countAt(nowMs));
    if (!refusal) key.window.admit(nowMs);
    setLimitHeaders(res, key, nowMs);
    if (refusal) throw limitReached(key, refusal, nowMs);
  }

  private forward(
    req: IncomingMessage,
    res: ServerResponse,
    call: ChatCall,
    provider: Provider,
    attempt: Attempt,
  ) {
    const { upstreams, settlement, inFlight, drainMs } = this.parts;
    const relay = new Relay(res, {
      provider: provider.name,
      wantsUsage: call.wantsUsage,
      drainMs,
      settle: (outcome) => {
        inFlight.remove(relay);
        settlement.settle(attempt, outcome, Date.now());
      },
    });
    inFlight.add(relay);
    const { requestId } = attempt;
    upstreams.send(
      provider,
      { requestId, path: '/chat/completions', headers: req.headers, body: call.body },
      relay,
    );
  }

  private async showOwnKey(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const nowMs = Date.now();
    const { key } = this.parts.authenticator.authenticate(req, nowMs, false);
    setLimitHeaders(res, key, nowMs);
    res.setHeader('cache-control', 'no-store');
    answerJson(res, 200, ownKey(key, nowMs));
  }

  /** Refuses before the provider is called when its usage could not be kept, or its answer not be waited for. */
  private checkRoom(): void {
    const { queue, inFlight, maxInFlight } = this.parts;
    if (queue.isFull) {
      throw new TollgateError(
        'usage_backlog_full',
        'Usage cannot be recorded at the moment. Try again shortly.',
      );
    }
    if (inFlight.size >= maxInFlight) {
      throw new TollgateError(
        'gateway_busy',
        'This router has as many requests under way as it may. Try again shortly.',
      );
    }
  }

  private async answer(
    req: IncomingMessage,
    res: ServerResponse,
    respond: () => Promise<void>,
  ): Promise<void> {
    res.setHeader('x-request-id', newId('req'));
    try {
      if (!this.accepting)
        throw new TollgateError('not_ready', 'This router is not ready. Try again shortly.');
      await respond();
    } catch (error) {
      if (error instanceof TollgateError) answerError(res, error);
      else if (!(error instanceof ClientGone)) this.answerBug(req, res, error);
    }
  }

  private answerBug(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    this.parts.logger.error({ err: error, path: req.url?.split('?', 1)[0] }, 'unforeseen error');
    if (res.headersSent) res.destroy();
    else answerError(res, new TollgateError('internal_error', 'Something failed here; it has been logged.'));
  }
}

const unpriced = (model: string) =>
  new TollgateError(
    'model_unpriced',
    `The model "${model.slice(0, 100)}" has no price here, and this key has a cost limit. ` +
      "Use a priced model, or ask the router's operator to add its price.",
    { param: 'model' },
  );
