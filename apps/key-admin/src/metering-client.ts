import type { OnApplicationShutdown } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import { type MeterAnswer, meterAnswer, metersAnswer } from '@tollgate/contracts/metering-http';
import { Pool } from 'undici';
import type { z } from 'zod';

const PATIENCE_MS = 1_000;
const CONNECTIONS = 16;

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
      const message =
        'Consumption cannot be shown because the metering service does not answer; see that it runs and that ' +
        'METERING_URL and TOLLGATE_INTERNAL_TOKEN of key-admin are right. Keys and limits work meanwhile.';
      throw new TollgateError('metering_unavailable', message, { details: { cause: reason(error) } });
    }
  }

  /** Scope → when it was last used, RFC 3339; empty while metering cannot be asked, for it only adorns a list. */
  async lastUse(scopeIds: readonly string[]): Promise<Map<string, string | null>> {
    if (scopeIds.length === 0) return new Map();
    const query = new URLSearchParams({ ids: scopeIds.join(',') });
    const answer = await this.get(`/v1/meters?${query}`, metersAnswer).catch(() => null);
    return new Map(answer?.data.map(({ meter, last_used_at }) => [meter.scope_id, last_used_at]));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.destroy();
  }

  /** `null` on 404. @throws where there is no answer within 1 s, or not one of the contract */
  private async get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | null> {
    const { statusCode, body } = await this.pool.request({
      method: 'GET',
      path: this.path + path,
      headers: { authorization: `Bearer ${this.internalToken}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (statusCode === 200) return schema.parse(await body.json());
    await body.dump();
    if (statusCode === 404) return null;
    throw new Error(`metering answered ${statusCode}`);
  }
}

const reason = (error: unknown) =>
  error instanceof Error && error.name === 'TimeoutError'
    ? `no answer within ${PATIENCE_MS} ms`
    : String((error as { code?: string }).code ?? (error as Error).message).slice(0, 200);
