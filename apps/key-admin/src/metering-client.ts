import type { OnApplicationShutdown } from '@nestjs/common';
import { ERRORS, type ErrorCode, errorBody, TollgateError } from '@tollgate/contracts/errors';
import {
  type ExportQuery,
  type MeterAnswer,
  type MetersAnswer,
  meterAnswer,
  metersAnswer,
  type RequestsAnswer,
  type RequestsQuery,
  requestsAnswer,
  type StatementAnswer,
  type StatementQuery,
  statementAnswer,
  type UsageAnswer,
  type UsageQuery,
  usageAnswer,
} from '@tollgate/contracts/metering-http';
import { currentRequestId } from '@tollgate/service-kit/request-id';
import { type Dispatcher, Pool } from 'undici';
import type { z } from 'zod';

const PATIENCE_MS = 1_000;
/** For questions that read the ledger. */
const LEDGER_PATIENCE_MS = 30_000;
const CONNECTIONS = 16;
/** As many as metering takes. */
const METERS_A_CALL = 200;

/** Asks metering what keys have used. */
export class MeteringClient implements OnApplicationShutdown {
  private readonly pool: Pool;
  private readonly path: string;

  constructor(
    url: string,
    private readonly internalToken: string,
  ) {
    const { origin, pathname } = new URL(url);
    this.pool = new Pool(origin, { connections: CONNECTIONS, connect: { timeout: PATIENCE_MS } });
    this.path = pathname.replace(/\/$/, '');
  }

  /** A scope's meter, or `null` where metering has not heard of the scope. @throws TollgateError `metering_unavailable` */
  async meter(scopeId: string): Promise<MeterAnswer | null> {
    try {
      return await this.get(`/v1/meters/${encodeURIComponent(scopeId)}`, meterAnswer);
    } catch (error) {
      throw unavailable(error);
    }
  }

  /**
   * The meters of any number of scopes, in no order; of one that metering has not heard of, zero.
   * @throws TollgateError `metering_unavailable`
   */
  async meters(scopeIds: readonly string[]): Promise<MetersAnswer['data']> {
    const meters: MetersAnswer['data'] = [];
    try {
      for (let first = 0; first < scopeIds.length; first += METERS_A_CALL) {
        const ids = scopeIds.slice(first, first + METERS_A_CALL).join(',');
        const answer = await this.get(`/v1/meters?${new URLSearchParams({ ids })}`, metersAnswer);
        if (answer === null) throw new Error('metering answered 404');
        meters.push(...answer.data);
      }
    } catch (error) {
      throw unavailable(error);
    }
    return meters;
  }

  /** What a scope used over time. @throws TollgateError what metering says of the question, or `metering_unavailable` */
  usage(scopeId: string, query: UsageQuery): Promise<UsageAnswer> {
    return this.askLedger('usage', scopeId, query, usageAnswer);
  }

  /** A scope's last requests. @throws as {@link usage} does */
  requests(scopeId: string, query: RequestsQuery): Promise<RequestsAnswer> {
    return this.askLedger('requests', scopeId, query, requestsAnswer);
  }

  /** The records behind a scope's meter. @throws as {@link usage} does */
  statement(scopeId: string, query: StatementQuery): Promise<StatementAnswer> {
    return this.askLedger('statements', scopeId, query, statementAnswer);
  }

  /** A scope's records as text, as they come. @throws as {@link usage} does, until they begin */
  async export(scopeId: string, query: ExportQuery): Promise<Dispatcher.ResponseData['body']> {
    const { body } = await this.openLedger('exports', scopeId, query);
    return body;
  }

  /** Scope → when it was last used, RFC 3339; empty while metering cannot be asked, for it only adorns a list. */
  async lastUse(scopeIds: readonly string[]): Promise<Map<string, string | null>> {
    const meters = await this.meters(scopeIds).catch(() => []);
    return new Map(meters.map(({ meter, last_used_at }) => [meter.scope_id, last_used_at]));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.destroy();
  }

  private async askLedger<S extends z.ZodType>(what: string, scopeId: string, query: object, answer: S) {
    const { body } = await this.openLedger(what, scopeId, query);
    return answer.parse(await body.json());
  }

  /** With the id of the request that asks, so that both logs can be read together. */
  private get headers(): Record<string, string> {
    const requestId = currentRequestId();
    const authorization = `Bearer ${this.internalToken}`;
    return requestId ? { authorization, 'x-request-id': requestId } : { authorization };
  }

  /** Metering's answer of 200 to a question about the ledger. */
  private async openLedger(what: string, scopeId: string, query: object): Promise<Dispatcher.ResponseData> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, `${value}`);
    const path = `/v1/${what}/${encodeURIComponent(scopeId)}?${search}`;
    let response: Dispatcher.ResponseData;
    try {
      response = await this.pool.request({
        method: 'GET',
        path: this.path + path,
        headers: this.headers,
        headersTimeout: LEDGER_PATIENCE_MS,
      });
    } catch (error) {
      throw unavailable(error);
    }
    if (response.statusCode === 200) return response;
    const said = errorBody.safeParse(await response.body.json().catch(() => null)).data?.error;
    if (response.statusCode !== 422 || !said || !(said.code in ERRORS)) {
      throw unavailable(new Error(`metering answered ${response.statusCode}`));
    }
    throw new TollgateError(said.code as ErrorCode, said.message, said.param ? { param: said.param } : {});
  }

  /** `null` on 404. @throws where there is no answer within 1 s, or not one of the contract */
  private async get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | null> {
    const { statusCode, body } = await this.pool.request({
      method: 'GET',
      path: this.path + path,
      headers: this.headers,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (statusCode === 200) return schema.parse(await body.json());
    await body.dump();
    if (statusCode === 404) return null;
    throw new Error(`metering answered ${statusCode}`);
  }
}

function unavailable(error: unknown): TollgateError {
  const message =
    'Consumption cannot be shown because the metering service does not answer; see that it runs and that ' +
    'METERING_URL and TOLLGATE_INTERNAL_TOKEN of key-admin are right. Keys and limits work meanwhile.';
  return new TollgateError('metering_unavailable', message, { details: { cause: reason(error) } });
}

const reason = (error: unknown) =>
  error instanceof Error && error.name === 'TimeoutError'
    ? `no answer within ${PATIENCE_MS} ms`
    : String((error as { code?: string }).code ?? (error as Error).message).slice(0, 200);
