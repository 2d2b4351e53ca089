import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import {
  type AllowanceAsk,
  type AllowanceGrant,
  type AllowancesBody,
  allowancesBody,
  type FinishedBody,
  finishedBody,
} from '@tollgate/contracts/allowances-http';
import type { UsageRecorded } from '@tollgate/contracts/events';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import type { Limits } from '@tollgate/contracts/limits';
import { formatUsd, parseUsd } from '@tollgate/contracts/money';
import { type Allowance, type Amounts, NO_AMOUNTS, type Share } from '@tollgate/domain/allowance/book';
import { decide, withDecision } from '@tollgate/domain/allowance/decide';
import { arrive } from '@tollgate/domain/allowance/end';
import { type Period, periodAt } from '@tollgate/domain/period';

/** What key-admin says of a key, team or organization. */
interface ScopeState {
  readonly id: string;
  readonly limits: Limits;
  readonly limit_revision: number;
  readonly generation: number;
}

interface Book {
  state: ScopeState;
  allowances: readonly Allowance[];
  shares: readonly Share[];
  recalledMs: number | null;
  readonly settled: Map<string, Amounts>;
}

/** Gives limits out to the gateway as metering does, in memory: every decision is the domain's. */
export class MeteringStandIn {
  readonly calls: AllowancesBody[] = [];
  readonly finished: FinishedBody[] = [];
  /** While set, calls get no answer. */
  silent = false;
  private allowances = 0;
  private readonly books = new Map<string, Book>();
  private readonly server: Server;

  private constructor(private readonly token: string) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(token: string): Promise<MeteringStandIn> {
    const standIn = new MeteringStandIn(token);
    standIn.server.listen(0, '127.0.0.1');
    await once(standIn.server, 'listening');
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Key-admin has said so. */
  change(state: ScopeState): void {
    const book = this.books.get(state.id);
    if (book) book.state = state;
    else {
      this.books.set(state.id, {
        ...{ state, allowances: [], shares: [], recalledMs: null },
        settled: new Map(),
      });
    }
  }

  /** What gateways were given of a scope and have not given back. */
  heldOf(scopeId: string): { readonly allowances: readonly Allowance[]; readonly shares: readonly Share[] } {
    const { allowances = [], shares = [] } = this.books.get(scopeId) ?? {};
    return { allowances: allowances.filter(({ state }) => state === 'held'), shares };
  }

  /** Another gateway has begun to use the scope's window. @returns how much of it that one has from now on */
  giveElsewhere(scopeId: string): number {
    const { limit_revision, generation } = this.books.get(scopeId)!.state;
    const at = new Date().toISOString();
    const nothing = { cost_usd: '0', tokens: 0 };
    const ask: AllowanceAsk = {
      ...{ scope_id: scopeId, at, period_id: 'all', generation, limit_revision, allowance_id: null },
      ...{ keeps: nothing, uses: nothing, needs: nothing, requests: { keeps: 0, uses: 0, needs: 1 } },
      wants: 'part',
    };
    return this.give({ instance: 'elsewhere', incarnation: 1, call: 1, live: 2, asks: [ask] }, ask).share;
  }

  /** A record has come. */
  count({ key_id, team_id, admitted_at, generations, allowances, cost_usd, tokens }: UsageRecorded): void {
    const used = { cost: cost_usd === null ? 0n : parseUsd(cost_usd), tokens: BigInt(tokens.total) };
    for (const [kind, id] of [
      ['key', key_id],
      ['team', team_id],
      ['organization', ORGANIZATION_ID],
    ] as const) {
      const book = this.books.get(id);
      if (!book) continue;
      const place = `${generations[kind]} ${periodOf(book, admitted_at).id}`;
      const { cost, tokens: before } = book.settled.get(place) ?? NO_AMOUNTS;
      book.settled.set(place, { cost: cost + used.cost, tokens: before + used.tokens });
      book.allowances = book.allowances.map((one) =>
        one.id === allowances?.[kind] ? arrive(one, used).allowance : one,
      );
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await json(request);
    if (this.silent) return;
    const isAllowed = request.headers.authorization === `Bearer ${this.token}`;
    const answer = isAllowed ? this.answerTo(request.url!, body) : {};
    response
      .writeHead(isAllowed ? 200 : 401, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer));
  }

  private answerTo(url: string, body: unknown): object {
    if (url === '/v1/allowances/finished') {
      this.finished.push(finishedBody.parse(body));
      return {};
    }
    const call = allowancesBody.parse(body);
    this.calls.push(call);
    return { data: call.asks.map((ask) => this.give(call, ask)) };
  }

  private give({ instance, incarnation, live }: AllowancesBody, said: AllowanceAsk): AllowanceGrant {
    const book = this.books.get(said.scope_id)!;
    const period = periodOf(book, said.at);
    const { limits, limit_revision, generation } = book.state;
    const ask = {
      ...{ holder: { instance, incarnation }, live, period, periodId: said.period_id },
      ...{ generation: said.generation, limitRevision: said.limit_revision, allowanceId: said.allowance_id },
      ...{ keeps: amounts(said.keeps), uses: amounts(said.uses), needs: amounts(said.needs) },
      ...{ requests: said.requests, wants: said.wants },
    };
    const known = {
      limits: {
        cost: limits.cost_usd === null ? null : parseUsd(limits.cost_usd),
        tokens: limits.tokens === null ? null : BigInt(limits.tokens),
        requests: limits.requests_per_minute,
      },
      hard: limits.enforcement === 'hard',
      ...{ limitRevision: limit_revision, generation },
      settled: book.settled.get(`${generation} ${period.id}`) ?? NO_AMOUNTS,
      ...{ allowances: book.allowances, shares: book.shares, recalledMs: book.recalledMs },
    };
    this.allowances += 1;
    const decision = decide(known, ask, `alw_${this.allowances}`, Date.now());
    const { allowances, shares, recalledMs } = withDecision(known, ask, decision, Date.now());
    Object.assign(book, { allowances, shares, recalledMs });
    const { allowance, share, outcome, more, againMs } = decision;
    return {
      scope_id: said.scope_id,
      outcome,
      allowance_id: allowance?.id ?? null,
      granted: {
        cost_usd: formatUsd(allowance?.granted.cost ?? 0n),
        tokens: Number(allowance?.granted.tokens ?? 0n),
      },
      ...{ share: share?.size ?? 0, more, again_ms: againMs },
    };
  }
}

const periodOf = ({ state: { limits } }: Book, at: string): Period =>
  periodAt(Date.parse(at), limits.reset_period, limits.timezone);

const amounts = (said: { cost_usd: string; tokens: number }): Amounts => ({
  cost: parseUsd(said.cost_usd),
  tokens: BigInt(said.tokens),
});
