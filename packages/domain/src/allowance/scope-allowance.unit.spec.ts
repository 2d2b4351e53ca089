import { RollingWindow } from '../admission/rolling-window.ts';
import { ScopeAllowance } from './scope-allowance.ts';
import type { AllowedScope, Clocks, ScopeAnswer } from './scope-terms.ts';

const NOW = 1_800_000_000_000;
const at = (ms: number): Clocks => ({ nowMs: NOW + ms, steadyMs: NOW + ms, leaseMs: ms });
const tokens = (count: number) => ({ costPicodollars: 0n, tokens: count });
const period = (id: string) => ({ id, startMs: null, endMs: null });

/** A scope whose generation, limits and period change as the spec wants. */
class Scope implements AllowedScope {
  readonly kind = 'key';
  readonly id = 'key_a';
  readonly isStrict = true;
  readonly allowed = { costPicodollars: null, tokens: 1_000, requestsPerMinute: 10 };
  readonly window = new RollingWindow();
  generation = 0;
  limitRevision = 1;
  periodId = 'first';

  periodAt() {
    return period(this.periodId);
  }
}

const answer = (of: Partial<ScopeAnswer> = {}): ScopeAnswer => ({
  outcome: 'granted',
  allowanceId: 'alw_1',
  granted: tokens(500),
  share: 6,
  more: true,
  againMs: 0,
  ...of,
});

let scope: Scope;
let allowance: ScopeAllowance;

/** Asks for the first time, and is answered. */
beforeEach(() => {
  scope = new Scope();
  allowance = new ScopeAllowance(scope);
  allowance.wait({ ...tokens(10), requests: 1 });
  const [first] = allowance.asks(at(0));
  allowance.answered(first!, answer(), 0, at(700));
});

const rooms = (ms: number) => allowance.rooms(at(ms), null);

it('uses what it was granted, its share for 60 s from when it asked, and the rest for longer', () => {
  expect(rooms(700)).toMatchObject({ tokens: 500, requests: 6 });
  expect(rooms(59_999)).toMatchObject({ tokens: 500, requests: 6 });
  expect(rooms(60_000)).toMatchObject({ tokens: 500, requests: 0 });
});

it('uses no more than it keeps from when it says so, whether or not that arrives', () => {
  allowance.take(tokens(30));
  scope.window.admit(NOW + 800);
  allowance.recalled(1);
  const [ask] = allowance.asks(at(900));
  expect(ask).toMatchObject({ keeps: tokens(30), wants: 'needs', requests: { keeps: 1, uses: 1, needs: 0 } });
  expect(rooms(900)).toMatchObject({ tokens: 0, requests: 0 });
  allowance.failed(ask!, at(1_700));
  expect(rooms(1_700)).toMatchObject({ tokens: 0, requests: 0 });
});

it('gives back what was not used for 55 s, and uses none of it meanwhile', () => {
  allowance.take(tokens(30))!.settle(tokens(30), tokens(20));
  const [renewed] = allowance.asks(at(55_000));
  expect(renewed).toMatchObject({ wants: 'part', keeps: tokens(500), uses: tokens(20) });
  allowance.answered(renewed!, answer(), 55_000, at(55_010));
  expect(allowance.isDue(at(110_000))).toBe(true);
  const [returned] = allowance.asks(at(110_000));
  expect(returned).toMatchObject({ wants: 'nothing', keeps: tokens(20), requests: { keeps: 0 } });
  expect(rooms(110_000)).toMatchObject({ tokens: 0, requests: 0 });
  allowance.answered(returned!, answer({ granted: tokens(20), share: 0 }), 110_000, at(110_010));
  expect(allowance.isEmpty(at(121_000))).toBe(true);
});

it('uses nothing under other limits, in another generation or another period, before it has asked anew', () => {
  scope.limitRevision = 2;
  expect(rooms(800)).toMatchObject({ tokens: 0, requests: 0, verdict: 'ask' });
  scope.limitRevision = 1;
  scope.generation = 1;
  expect(rooms(800)).toMatchObject({ tokens: 0 });
  scope.generation = 0;
  scope.periodId = 'second';
  expect(rooms(800)).toMatchObject({ tokens: 0 });
});

it('keeps, under new limits, no more than it uses', () => {
  allowance.take(tokens(30));
  scope.limitRevision = 2;
  allowance.wait({ ...tokens(10), requests: 1 });
  expect(allowance.asks(at(800))[0]).toMatchObject({
    limitRevision: 2,
    keeps: tokens(30),
    needs: tokens(10),
  });
});

it('gives back what is of a period that is over when no attempt is under way on it, and uses none of it again', () => {
  const held = allowance.take(tokens(30))!;
  scope.periodId = 'second';
  expect(allowance.asks(at(2_000))).toMatchObject([{ allowanceId: null, wants: 'part' }]);
  held.settle(tokens(30), tokens(20));
  expect(allowance.isDue(at(4_000))).toBe(true);
  const asks = allowance.asks(at(4_000));
  expect(asks.at(-1)).toMatchObject({ allowanceId: 'alw_1', keeps: tokens(20), wants: 'nothing' });
  scope.periodId = 'first';
  expect(rooms(4_000)).toMatchObject({ tokens: 0 });
});

it('is held for attempts under way, in the period and generation of their admission', () => {
  const nothing = tokens(0);
  const first = allowance.take(tokens(30))!;
  allowance.take(tokens(5))!.release(tokens(5));
  expect(allowance.heldAt(at(800))).toEqual(tokens(30));
  scope.generation = 1;
  expect(allowance.heldAt(at(800))).toEqual(nothing);
  scope.generation = 0;
  scope.periodId = 'second';
  expect(allowance.heldAt(at(800))).toEqual(nothing);
  scope.periodId = 'first';
  expect(allowance.heldAt(at(800))).toEqual(tokens(30));
  first.settle(tokens(30), tokens(20));
  expect(allowance.heldAt(at(800))).toEqual(nothing);
});

it('is held on what it was before too, where metering goes on with another allowance', () => {
  const before = allowance.take(tokens(30))!;
  allowance.recalled(1);
  const [ask] = allowance.asks(at(900));
  allowance.answered(ask!, answer({ allowanceId: 'alw_2' }), 900, at(1_000));
  const now = allowance.take(tokens(7))!;
  expect(now.id).toBe('alw_2');
  expect(allowance.heldAt(at(1_000))).toEqual(tokens(37));
  before.settle(tokens(30), tokens(20));
  expect(allowance.heldAt(at(1_000))).toEqual(tokens(7));
});

it('gives back by its place what it may have been granted without hearing of it', () => {
  const fresh = new ScopeAllowance(scope);
  fresh.wait({ ...tokens(10), requests: 0 });
  const [unheard] = fresh.asks(at(0));
  fresh.failed(unheard!, at(800));
  scope.periodId = 'second';
  expect(fresh.asks(at(2_000))).toMatchObject([
    { allowanceId: null, period: { id: 'first' }, wants: 'nothing' },
  ]);
});
