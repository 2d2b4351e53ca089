import { NOTHING } from '../../src/admission/pending-records.ts';
import { type AllowedStanding, admitAllowed } from '../../src/allowance/admit-allowed.ts';
import { Allowances } from '../../src/allowance/allowances.ts';
import type { Held } from '../../src/allowance/held.ts';
import type { Clocks } from '../../src/allowance/scope-terms.ts';
import type { Attempt, KnownScope } from './scopes.ts';
import type { Truth } from './truth.ts';

interface Request {
  readonly scopes: readonly KnownScope[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly untilMs: number;
}

export const PRICE = 3n;
const WAITS_MS = 1_000;

/** A gateway's incarnation without its network: every decision is the domain's. */
export class SimulatedGateway {
  readonly allowances: Allowances;
  private waiting: Request[] = [];

  constructor(
    readonly instance: string,
    readonly incarnation: number,
    readonly scopes: ReadonlyMap<string, KnownScope>,
    private readonly clocks: () => Clocks,
    private readonly live: () => number,
    private readonly truth: Truth,
    private readonly admit: (attempt: Omit<Attempt, 'id' | 'instance' | 'process' | 'trueAtMs'>) => void,
  ) {
    this.allowances = new Allowances({ instance, incarnation });
  }

  request(scopeIds: readonly string[], inputTokens: number, outputTokens: number): void {
    const scopes = scopeIds.map((id) => this.scopes.get(id)!);
    const untilMs = this.clocks().leaseMs + WAITS_MS;
    this.try({ scopes, inputTokens, outputTokens, untilMs });
  }

  /** Metering has answered, or has not in time: what waits is looked at again. */
  retry(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const request of waiting) this.try(request);
  }

  /** Looks for the last time at what has waited for long enough. */
  expire(): void {
    const { leaseMs } = this.clocks();
    if (this.waiting.every(({ untilMs }) => untilMs > leaseMs)) return;
    this.retry();
  }

  get isWaiting(): boolean {
    return this.waiting.length > 0;
  }

  private try(request: Request): void {
    const clocks = this.clocks();
    const { scopes, inputTokens, outputTokens } = request;
    const isLast = clocks.leaseMs >= request.untilMs;
    const fallback = this.allowances.isAway || isLast ? this.live() : null;
    const standings = scopes.map((scope) => this.standing(scope, clocks, fallback));
    const isHard = scopes.some(isCounted);
    const demand = {
      inputTokens,
      outputTokens,
      choices: 1,
      price: { perRequest: 0n, input: PRICE, output: PRICE },
    };
    const decision = admitAllowed(standings, isHard ? demand : null, isLast);
    switch (decision.outcome) {
      case 'refused':
        this.truth.note('refused');
        return;
      case 'unavailable':
        this.truth.note('unavailable');
        return;
      case 'lacking':
        for (const { scope, ...lack } of decision.lacking) this.allowances.wait(scope.scope, lack);
        this.waiting.push(request);
        return;
      case 'admitted':
        this.go(standings, decision.grant, fallback !== null, clocks);
    }
  }

  private go(
    standings: readonly (AllowedStanding & { scope: KnownScope })[],
    grant: Held | null,
    isFallback: boolean,
    clocks: Clocks,
  ): void {
    const scopes = standings.map(({ scope }) => scope);
    const byFallback = isFallback && scopes.some((scope) => this.lacksShare(scope, clocks));
    const bound: Held = grant
      ? { costPicodollars: grant.costPicodollars, tokens: grant.tokens }
      : { costPicodollars: 20n * PRICE, tokens: 20 };
    for (const { window } of scopes) window.admit(clocks.steadyMs);
    this.admit({
      admittedAtMs: clocks.nowMs,
      byFallback,
      bound,
      scopes: scopes.map((scope) => ({
        scope,
        generation: scope.generation,
        revision: scope.limitRevision,
        holding: scope.isGivenOut ? this.allowances.of(scope).take(bound) : null,
      })),
      used: null,
    });
  }

  private lacksShare(scope: KnownScope, clocks: Clocks): boolean {
    if (!scope.isGivenOut) return false;
    const { requests } = this.allowances.of(scope).rooms(clocks, null);
    return requests !== null && requests < 1;
  }

  private standing(
    scope: KnownScope,
    clocks: Clocks,
    live: number | null,
  ): AllowedStanding & { scope: KnownScope } {
    const { requests } = scope.settings;
    const fallback = live === null ? null : Math.max(1, Math.floor((requests ?? 0) / live));
    return {
      scope,
      allowed: scope.allowed,
      used: NOTHING,
      inWindow: scope.window.countAt(clocks.steadyMs),
      rooms: scope.isGivenOut ? this.allowances.of(scope).rooms(clocks, fallback) : null,
    };
  }
}

const isCounted = ({ settings: { isStrict, cost, tokens } }: KnownScope) =>
  isStrict && (cost !== null || tokens !== null);
