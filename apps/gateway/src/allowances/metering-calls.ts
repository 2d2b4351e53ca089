import {
  type AllowanceAsk,
  type AllowanceGrant,
  type AllowancesBody,
  allowancesAnswer,
  type FinishedBody,
} from '@tollgate/contracts/allowances-http';
import { formatUsd, parseUsd } from '@tollgate/contracts/money';
import type { AllowanceCall } from '@tollgate/domain/allowance/allowances';
import type { Held } from '@tollgate/domain/allowance/held';
import type { ScopeAnswer, ScopeAsk } from '@tollgate/domain/allowance/scope-terms';
import { Pool } from 'undici';

/** Requests wait for the answer, and have a second: time for another try where one is lost. */
const PATIENCE_MS = 600;
/** One call is under way at a time, and beside it what is told of former processes. */
const CONNECTIONS = 2;

/** A later call of a process of this name was heard: two have it. */
export class StaleCall extends Error {}

/** Speaks with metering. Every method throws where there is no answer within 600 ms, or not one of the contract. */
export class MeteringCalls {
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

  /** @returns one answer for each ask, in order. @throws StaleCall */
  async allowances({ holder, number, live, asks }: AllowanceCall): Promise<ScopeAnswer[]> {
    const body: AllowancesBody = { ...holder, call: number, live, asks: asks.map(toWire) };
    const { data } = allowancesAnswer.parse(await this.post('/v1/allowances', body));
    if (data.length !== asks.length) {
      throw new Error(`metering gave ${data.length} answers to ${asks.length} asks`);
    }
    return data.map(fromWire);
  }

  async finished(body: FinishedBody): Promise<void> {
    await this.post('/v1/allowances/finished', body);
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }

  private async post(path: string, body: object): Promise<unknown> {
    const answer = await this.pool.request({
      method: 'POST',
      path: this.path + path,
      headers: { authorization: `Bearer ${this.internalToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.statusCode === 200) return answer.body.json();
    const said = (await answer.body.text()).slice(0, 300);
    if (answer.statusCode === 409) throw new StaleCall(said);
    throw new Error(`metering answered ${answer.statusCode}: ${said}`);
  }
}

const toWire = (ask: ScopeAsk): AllowanceAsk => ({
  scope_id: ask.scopeId,
  at: new Date(ask.atMs).toISOString(),
  period_id: ask.period.id,
  generation: ask.generation,
  limit_revision: ask.limitRevision,
  allowance_id: ask.allowanceId,
  keeps: counted(ask.keeps),
  uses: counted(ask.uses),
  needs: counted(ask.needs),
  requests: ask.requests,
  wants: ask.wants,
});

const counted = ({ costPicodollars, tokens }: Held) => ({ cost_usd: formatUsd(costPicodollars), tokens });

const fromWire = ({ allowance_id, granted, again_ms, ...grant }: AllowanceGrant): ScopeAnswer => ({
  outcome: grant.outcome,
  allowanceId: allowance_id,
  granted: { costPicodollars: parseUsd(granted.cost_usd), tokens: granted.tokens },
  share: grant.share,
  more: grant.more,
  againMs: again_ms,
});
