import type { ScopeKind } from '@tollgate/contracts/limits';
import type { AllowanceCall } from '../../src/allowance/allowances.ts';
import type { Held } from '../../src/allowance/held.ts';
import type { ScopeAnswer } from '../../src/allowance/scope-terms.ts';
import { Chance } from './chance.ts';
import { Machine } from './machine.ts';
import { type Attempt, KnownScope, MeteredScope, type Settings, type UsageRecord } from './scopes.ts';
import { PRICE, SimulatedGateway } from './simulated-gateway.ts';
import { SimulatedMetering } from './simulated-metering.ts';
import { Timeline } from './timeline.ts';
import { Truth } from './truth.ts';

const KINDS: Readonly<Record<string, ScopeKind>> = {
  key_a: 'key',
  key_b: 'key',
  team_x: 'team',
  org_default: 'organization',
};
const SCOPES = Object.keys(KINDS);
const MIDNIGHT = Date.parse('2026-11-24T00:00:00Z');
const CALL_TIMEOUT_MS = 800;
/** Longer than it takes for a dead gateway's allowances to be lost, and for it to start again after that. */
const CALM_MS = 1_500_000;

/** What may go wrong in a run, each with how likely it is. */
interface Weather {
  readonly loss: number;
  readonly repeat: number;
  readonly slow: number;
  readonly misreport: number;
}

/** A run in which nothing goes wrong, and what is asked for is planned. */
export interface FairRun {
  readonly gateways: number;
  /** Of one key, in a team and organization without any. */
  readonly limits: Partial<Settings>;
  /** How long it goes on before all is given back. */
  readonly ms: number;
  /** Plans the requests, from when all gateways are up. */
  readonly plan: (world: World) => void;
}

const NO_LIMITS: Settings = {
  cost: null,
  tokens: null,
  requests: null,
  isStrict: false,
  limitRevision: 1,
  generation: 0,
  resetPeriod: 'never',
  timezone: 'UTC',
};

/** Gateways, metering, what is between them, and all that can happen to them, in virtual time. */
export class World {
  readonly time: Timeline;
  readonly truth: Truth;
  readonly metering: SimulatedMetering;
  readonly machines: Machine[] = [];
  readonly topic: UsageRecord[] = [];
  private readonly chance: Chance;
  private readonly weather: Weather;
  private attempts = 0;
  private meteringAwayUntilMs = 0;
  private isCalm = false;
  private readonly lostForGood = new Set<Machine>();

  constructor(
    seed: number,
    private readonly fair: FairRun | null = null,
  ) {
    this.chance = new Chance(seed);
    const { chance } = this;
    this.time = new Timeline(MIDNIGHT - chance.between(0, 200_000));
    const bad = !fair && chance.happens(0.7);
    this.weather = {
      loss: bad ? chance.next() * 0.2 : 0,
      repeat: bad ? chance.next() * 0.1 : 0,
      slow: bad ? chance.next() * 0.2 : 0,
      misreport: !fair && chance.happens(0.3) ? 0.05 : 0,
    };
    this.truth = new Truth(this.time, this.weather.misreport > 0);
    this.metering = new SimulatedMetering(this.truth, (scope) => this.publishRecall(scope));
    for (const id of SCOPES) this.metering.scopes.set(id, new MeteredScope(id, this.firstSettings(id)));
    const gateways = fair?.gateways ?? chance.of([1, 2, 2, 3, 4]);
    for (let n = 1; n <= gateways; n += 1) {
      const machine = new Machine(`gateway-${n}`, this.time, chance.between(-4_000, 4_000));
      this.machines.push(machine);
      this.time.after(fair ? 0 : chance.between(0, 5_000), () => this.start(machine));
    }
    if (fair) this.time.after(1, () => fair.plan(this));
  }

  private firstSettings(id: string): Settings {
    if (!this.fair) return this.anySettings(1, 0);
    return id === 'key_a' ? { ...NO_LIMITS, ...this.fair.limits } : NO_LIMITS;
  }

  /** Requests of the key at one of the gateways, now. */
  request(gateway: number, count = 1): void {
    const machine = this.machines[gateway]!;
    for (let n = 0; n < count; n += 1) {
      machine.gateway?.request(['key_a', 'team_x', 'org_default'], 5, 5);
    }
    if (machine.gateway) this.callMetering(machine, machine.gateway);
  }

  /** How many requests have been decided. */
  get decided(): number {
    return ['admitted', 'refused', 'unavailable'].reduce((sum, what) => sum + this.truth.countOf(what), 0);
  }

  /** Lets everything happen for a while, then nothing new, until all is told. */
  run(): void {
    const { chance, time } = this;
    const endMs = time.nowMs + (this.fair?.ms ?? chance.between(10_000, 90_000));
    this.planFolds(endMs + CALM_MS);
    if (!this.fair) {
      this.planRequests(endMs);
      this.planTrouble(endMs);
    }
    while (time.step(endMs));
    this.calmDown();
    while (time.step(endMs + CALM_MS));
    this.metering.look(time.nowMs);
    this.truth.checkEnd(this.gone);
  }

  private anySettings(limitRevision: number, generation: number): Settings {
    const { chance } = this;
    const isStrict = chance.happens(0.7);
    return {
      cost: chance.happens(0.3) ? BigInt(chance.between(1, 30) * chance.of([100, 1_000])) : null,
      tokens: chance.happens(0.6) ? chance.between(2, 30) * chance.of([10, 100, 1_000]) : null,
      requests: chance.happens(0.5) ? chance.between(1, 20) * chance.of([1, 10]) : null,
      isStrict,
      limitRevision,
      generation,
      resetPeriod: chance.of(['never', 'daily', 'daily'] as const),
      timezone: 'UTC',
    };
  }

  private start(machine: Machine): void {
    const { chance } = this;
    machine.incarnation += 1;
    machine.cutOffUntilMs = 0;
    machine.isDraining = false;
    machine.knows = new Map(
      SCOPES.map((id) => [id, new KnownScope(KINDS[id]!, id, this.metering.scopes.get(id)!.settings)]),
    );
    const gateway = new SimulatedGateway(
      machine.instance,
      machine.incarnation,
      machine.knows,
      () => machine.clocks(),
      () => this.machines.filter((one) => one.gateway).length,
      this.truth,
      (attempt) =>
        this.admit(machine, {
          ...attempt,
          id: ++this.attempts,
          instance: machine.instance,
          process: machine.incarnation,
          trueAtMs: this.time.nowMs,
        }),
    );
    machine.gateway = gateway;
    this.recover(machine);
    const through = this.topic.length;
    const { instance, incarnation } = machine;
    const finish = () => {
      if (this.time.nowMs < this.meteringAwayUntilMs || chance.happens(this.weather.loss))
        this.time.after(500, finish);
      else this.metering.finish(instance, incarnation, through, this.time.nowMs);
    };
    if (incarnation > 1) this.time.after(this.delay(), finish);
    this.tick(machine, gateway);
  }

  /** What the log of a process that is no more has: its records, and what was held for attempts that nobody saw end. */
  private recover(machine: Machine): void {
    for (const record of machine.unpublished.values()) this.topic.push(record);
    machine.unpublished.clear();
    for (const attempt of machine.inFlight.values()) {
      attempt.used = attempt.bound;
      this.topic.push(recordOf(attempt, attempt.bound));
    }
    machine.inFlight.clear();
  }

  /** Runs something of a process when it is not stopped, and not at all when it is no more. */
  private when(machine: Machine, gateway: SimulatedGateway, what: () => void): void {
    if (machine.gateway !== gateway) return;
    const wait = machine.stoppedUntilMs - this.time.nowMs;
    if (wait > 0) this.time.after(wait, () => this.when(machine, gateway, what));
    else what();
  }

  private tick(machine: Machine, gateway: SimulatedGateway): void {
    this.when(machine, gateway, () => {
      gateway.expire();
      gateway.allowances.look(machine.clocks());
      this.callMetering(machine, gateway);
      const isBusy = gateway.isWaiting || gateway.allowances.hasDue;
      this.time.after(isBusy ? 100 : 1_000, () => this.tick(machine, gateway));
    });
  }

  private callMetering(machine: Machine, gateway: SimulatedGateway): void {
    const { chance, weather, time } = this;
    const live = this.machines.filter((one) => one.gateway).length;
    const call = gateway.allowances.call(live, machine.clocks());
    if (!call) return;
    this.truth.note('called');
    const arrive = () => this.arrive(machine, gateway, call);
    if (!chance.happens(weather.loss)) time.after(this.delay(), arrive);
    if (chance.happens(weather.repeat)) time.after(this.delay() + chance.between(0, 5_000), arrive);
    time.after(CALL_TIMEOUT_MS, () =>
      this.when(machine, gateway, () => {
        if (!gateway.allowances.isCalling(call)) return;
        gateway.allowances.failed(call, machine.clocks());
        gateway.retry();
      }),
    );
  }

  private arrive(machine: Machine, gateway: SimulatedGateway, call: AllowanceCall): void {
    const { time, chance, weather } = this;
    if (time.nowMs < Math.max(machine.cutOffUntilMs, this.meteringAwayUntilMs)) return;
    const answers = this.metering.call(call, time.nowMs);
    if (!answers) return;
    const answer = () =>
      this.when(machine, gateway, () => {
        if (!gateway.allowances.isCalling(call)) return;
        gateway.allowances.answered(call, answers as ScopeAnswer[], machine.clocks());
        gateway.retry();
        this.callMetering(machine, gateway);
      });
    if (!chance.happens(weather.loss)) time.after(this.delay(), answer);
    if (chance.happens(weather.repeat)) time.after(this.delay(), answer);
  }

  private delay(): number {
    const { chance, weather } = this;
    return chance.happens(weather.slow) ? chance.between(100, 4_000) : chance.between(1, 20);
  }

  private publishRecall({ scopeId, recall }: MeteredScope): void {
    for (const machine of this.machines) {
      const { gateway } = machine;
      if (!gateway) continue;
      this.time.after(this.delay(), () =>
        this.when(machine, gateway, () => {
          gateway.allowances.recalled(scopeId, recall);
          this.callMetering(machine, gateway);
        }),
      );
    }
  }

  private admit(machine: Machine, attempt: Attempt): void {
    const { chance, time, weather } = this;
    this.truth.admit(attempt);
    machine.inFlight.set(attempt.id, attempt);
    const gateway = machine.gateway!;
    const lasts = chance.happens(0.1) ? chance.between(10_000, 90_000) : chance.between(5, 3_000);
    time.after(lasts, () =>
      this.when(machine, gateway, () => {
        const used = this.anyUse(attempt.bound, chance.happens(weather.misreport));
        attempt.used = used;
        machine.inFlight.delete(attempt.id);
        for (const { holding } of attempt.scopes) holding?.settle(attempt.bound, used);
        const record = recordOf(attempt, used);
        machine.unpublished.set(attempt.id, record);
        time.after(this.delay(), () =>
          this.when(machine, gateway, () => {
            this.topic.push(record);
            if (chance.happens(weather.repeat)) this.topic.push(record);
            // The broker's answer may be lost with the process; then the record is published again.
            machine.unpublished.delete(attempt.id);
          }),
        );
      }),
    );
  }

  private anyUse(bound: Held, isMisreported: boolean): Held {
    const tokens = isMisreported
      ? bound.tokens + this.chance.between(1, 50)
      : this.chance.happens(0.3)
        ? bound.tokens
        : this.chance.between(0, bound.tokens);
    return { tokens, costPicodollars: BigInt(tokens) * PRICE };
  }

  private planRequests(endMs: number): void {
    const { chance, time } = this;
    const meanMs = chance.of([200, 1_000, 4_000]);
    const next = () => {
      if (time.nowMs > endMs) return;
      const up = this.machines.filter(({ gateway, isDraining }) => gateway !== null && !isDraining);
      if (up.length > 0) {
        const machine = chance.of(up);
        const gateway = machine.gateway!;
        const burst = chance.happens(0.05) ? chance.between(2, 12) : 1;
        for (let n = 0; n < burst; n += 1) {
          const scopes = [chance.of(['key_a', 'key_a', 'key_b']), 'team_x', 'org_default'];
          const [input, output] = [chance.between(1, 10), chance.between(1, 40)];
          this.when(machine, gateway, () => gateway.request(scopes, input, output));
        }
        this.when(machine, gateway, () => this.callMetering(machine, gateway));
      }
      const quiet = chance.happens(0.01) ? chance.between(20_000, 90_000) : 0;
      time.after(1 + Math.floor(-Math.log(1 - chance.next()) * meanMs) + quiet, next);
    };
    next();
  }

  private planFolds(endMs: number): void {
    const { chance, time } = this;
    const next = () => {
      if (time.nowMs > endMs) return;
      if (time.nowMs >= this.meteringAwayUntilMs || this.isCalm) {
        const some = this.isCalm ? this.topic.length : chance.between(0, 50);
        const until = Math.min(this.topic.length, this.metering.folded + some);
        this.metering.fold(this.topic, until, time.nowMs);
      }
      time.after(this.isCalm ? 20_000 : chance.between(20, 5_000), next);
    };
    next();
  }

  private planTrouble(endMs: number): void {
    const { chance, time } = this;
    for (let n = chance.between(0, 6); n > 0; n -= 1) {
      time.after(chance.between(1_000, endMs - time.nowMs), () => this.trouble());
    }
  }

  private trouble(): void {
    const { chance, time } = this;
    const machine = chance.of(this.machines);
    const { nowMs } = time;
    const troubles: readonly (() => void)[] = [
      () => this.kill(machine),
      () => this.kill(machine),
      () => {
        machine.stoppedUntilMs = nowMs + chance.of([2_000, 70_000, 130_000]);
      },
      () => machine.sleep(chance.of([5_000, 70_000, 130_000])),
      () => {
        machine.wallOffsetMs = chance.between(-4_000, 4_000);
      },
      () => {
        machine.cutOffUntilMs = nowMs + chance.of([3_000, 30_000, 150_000]);
      },
      () => {
        this.meteringAwayUntilMs = nowMs + chance.of([3_000, 20_000, 90_000]);
      },
      () => this.shutDown(machine),
      () => this.changeSettings(),
      () => this.changeSettings(),
    ];
    chance.of(troubles)();
  }

  private kill(machine: Machine): void {
    const { chance, time } = this;
    if (!machine.gateway) return;
    machine.gateway = null;
    this.truth.note('kill');
    if (chance.happens(0.2)) this.lostForGood.add(machine);
    else time.after(chance.of([500, 10_000, 60_000, 700_000]), () => this.revive(machine));
  }

  private revive(machine: Machine): void {
    if (machine.gateway || machine.hasLeft || this.lostForGood.has(machine)) return;
    this.start(machine);
    if (this.isCalm) this.shutDown(machine);
  }

  /** The gateway takes no more requests, gives everything back once none is under way, and ends. */
  private shutDown(machine: Machine): void {
    const { gateway } = machine;
    if (!gateway) return;
    machine.isDraining = true;
    const leave = () =>
      this.when(machine, gateway, () => {
        if (machine.inFlight.size > 0 || machine.unpublished.size > 0) {
          this.time.after(2_000, leave);
          return;
        }
        if (!this.isLeaving.has(gateway)) {
          this.isLeaving.add(gateway);
          gateway.allowances.leave();
        }
        if (!gateway.allowances.hasLeft(machine.clocks())) {
          this.time.after(1_000, leave);
          return;
        }
        machine.gateway = null;
        machine.hasLeft = this.isCalm;
        if (!this.isCalm) this.time.after(this.chance.between(500, 30_000), () => this.revive(machine));
      });
    leave();
  }
  private readonly isLeaving = new Set<SimulatedGateway>();

  private changeSettings(): void {
    const { chance, time } = this;
    const scope = this.metering.scopes.get(chance.of(SCOPES))!;
    const { settings } = scope;
    const next = chance.happens(0.4)
      ? { ...settings, generation: settings.generation + 1 }
      : chance.happens(0.5)
        ? this.anySettings(settings.limitRevision + 1, settings.generation)
        : {
            ...settings,
            limitRevision: settings.limitRevision + 1,
            tokens: settings.tokens && Math.ceil(settings.tokens * (chance.next() * 2)),
            requests: settings.requests && Math.ceil(settings.requests * (chance.next() * 2)),
          };
    // Who hears first is anybody's guess; each hears everything in order, since versions only rise.
    const tell = (known: { settings: Settings }, follow: (settings: Settings) => void) => {
      const isNewer =
        next.limitRevision > known.settings.limitRevision || next.generation > known.settings.generation;
      if (isNewer) follow(next);
    };
    const hear = () => tell(scope, (told) => this.truth.change(scope, told));
    if (chance.happens(0.5)) hear();
    else time.after(this.delay(), hear);
    for (const machine of this.machines) {
      const { gateway } = machine;
      const known = machine.knows.get(scope.scopeId);
      if (!gateway || !known) continue;
      time.after(this.delay(), () =>
        this.when(machine, gateway, () => tell(known, (told) => known.follow(told))),
      );
    }
  }

  /** No more trouble: who lives shuts down, who died starts again and shuts down, but for those that never do. */
  private calmDown(): void {
    this.isCalm = true;
    this.meteringAwayUntilMs = 0;
    Object.assign(this.weather, { loss: 0, repeat: 0, slow: 0 });
    for (const machine of this.machines) {
      machine.stoppedUntilMs = 0;
      machine.cutOffUntilMs = 0;
      if (!machine.gateway) {
        this.time.after(this.chance.of([0, 600_000]), () => this.revive(machine));
        continue;
      }
      // A change that was under way when it started may have passed it by.
      for (const [id, known] of machine.knows) known.follow(this.metering.scopes.get(id)!.settings);
      this.shutDown(machine);
    }
  }

  /** Instances that ended without telling what they used, and never will. */
  private get gone(): ReadonlySet<string> {
    return new Set([...this.lostForGood].map(({ instance }) => instance));
  }
}

function recordOf(attempt: Attempt, used: Held): UsageRecord {
  return {
    id: attempt.id,
    instance: attempt.instance,
    admittedAtMs: attempt.admittedAtMs,
    scopes: attempt.scopes.map(({ scope, generation, holding }) => ({
      scopeId: scope.id,
      generation,
      allowanceId: holding?.id ?? null,
    })),
    used: { cost: used.costPicodollars, tokens: BigInt(used.tokens) },
  };
}
