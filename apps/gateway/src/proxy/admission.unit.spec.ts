import { type Limits, UNLIMITED } from '@tollgate/contracts/limits';
import { Allowances } from '@tollgate/domain/allowance/allowances';
import type { Clocks, ScopeAnswer } from '@tollgate/domain/allowance/scope-terms';
import { Call } from '../call/call.ts';
import { endpointAt } from '../call/endpoints.ts';
import { KeyTable } from '../key-state/key-table.ts';
import { Admission, type Admitted, type Lacks } from './admission.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const LIVE_OTHERS = 1;

/** A gateway beside another one, with one key, and the spec in the place of metering. */
function given(limits: Partial<Limits>) {
  const keys = new KeyTable(() => 0);
  const state = {
    ...{ id: 'key_1', name: 'spec', team_id: 'team_default', enabled: true, revoked_at: null },
    ...{ expires_at: null, secrets: [], limit_revision: 1, generation: 0, metadata: {} },
    ...{ allowed_models: null, allowed_ips: null, limits: { ...UNLIMITED, ...limits } },
  };
  keys.applyKey({ version: 1, actor: 'adm_spec', change: {}, state }, NOW);
  const key = keys.get('key_1')!;
  const allowances = new Allowances({ instance: 'gw', incarnation: 1 });
  const admission = new Admission(allowances, { othersLive: LIVE_OTHERS });
  let passedMs = 0;
  const clocks = (): Clocks => ({ nowMs: NOW + passedMs, steadyMs: passedMs, leaseMs: passedMs });
  const body = Buffer.from('{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}');
  const call = new Call(endpointAt('/v1/chat/completions')!, body);
  const ask = (isLast = false) => {
    try {
      return admission.request(key, call, null, clocks(), isLast);
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  /** What the gateway calls for, as the answer brings it; `null` is none. */
  const answer = (granted: Partial<ScopeAnswer> | null) => {
    const asked = ask() as Lacks;
    for (const { scope, ...lack } of asked.lacking) allowances.wait(scope.scope, lack);
    const made = allowances.call(LIVE_OTHERS + 1, clocks())!;
    if (!granted) allowances.failed(made, clocks());
    else {
      const nothing = { costPicodollars: 0n, tokens: 0 };
      const base = { outcome: 'granted' as const, more: false, againMs: 0, allowanceId: null, share: 0 };
      allowances.answered(made, [{ ...base, granted: nothing, ...granted }], clocks());
    }
    return made;
  };
  const heldOf = () => allowances.heldOf(key, clocks());
  const roomOf = () => allowances.of(key).rooms(clocks(), null).tokens;
  return {
    ...{ key, ask, answer, roomOf, heldOf, clocks, allowances },
    retry: () => admission.retry(key, call, null, clocks()),
    pass: (ms: number) => {
      passedMs += ms;
    },
  };
}

const gave = (tokens: number) => ({ allowanceId: 'alw_1', granted: { costPicodollars: 0n, tokens } });
const isAdmitted = (what: unknown): what is Admitted => typeof what === 'object' && 'holdings' in what!;

describe('a request under a hard limit', () => {
  it('is asked for where nothing was given yet, and takes nothing before it is admitted', () => {
    const { key, ask, answer, heldOf, clocks } = given({ tokens: 10_000, enforcement: 'hard' });
    expect(ask()).toMatchObject({ lacking: [{ requests: 0 }] });
    const { asks } = answer(gave(10_000));
    expect(asks).toMatchObject([{ scopeId: 'key_1', allowanceId: null, wants: 'part' }]);
    expect([heldOf().tokens, key.window.countAt(clocks().steadyMs)]).toEqual([0, 0]);
    const { hold } = ask() as Admitted;
    expect([heldOf().tokens, key.window.countAt(clocks().steadyMs)]).toEqual([hold!.tokens, 1]);
  });

  it('holds of what was given until it settles, with what its record says, or is withdrawn', () => {
    const { ask, answer, roomOf } = given({ tokens: 10_000, enforcement: 'hard' });
    answer(gave(10_000));
    const [first, second] = [ask() as Admitted, ask() as Admitted];
    const bound = first.hold!.tokens;
    expect(first.holdings!.namesJson).toBe('{"key":"alw_1"}');
    expect(roomOf()).toBe(10_000 - 2 * bound);
    first.holdings!.settle({ costPicodollars: 0n, tokens: 7 });
    expect(roomOf()).toBe(10_000 - bound - 7);
    second.holdings!.release();
    expect(roomOf()).toBe(10_000 - 7);
  });

  it('is given less output near the limit, and refused where none fits', () => {
    const { ask, answer } = given({ tokens: 10_000, enforcement: 'hard' });
    answer({ ...gave(150), outcome: 'short', againMs: 1_000 });
    const admitted = ask() as Admitted;
    expect(admitted.outputCap).toBeLessThan(100);
    expect(admitted.hold!.tokens).toBe(150);
    expect(ask()).toBe('token_limit_reached');
  });

  it('is told that nobody knows where metering does not answer, unless enough is here', () => {
    const { ask, answer } = given({ tokens: 10_000, enforcement: 'hard' });
    expect(ask(true)).toBe('allowance_unavailable');
    answer(null);
    expect(ask()).toBe('allowance_unavailable');
  });

  it('takes no second slot of a window for a further attempt, and holds for it', () => {
    const { key, ask, answer, retry, roomOf, clocks } = given({
      ...{ tokens: 10_000, requests_per_minute: 1, enforcement: 'hard' },
    });
    answer({ ...gave(10_000), share: 1 });
    const bound = (ask() as Admitted).hold!.tokens;
    expect(ask()).toBe('requests_per_minute_reached');
    expect(isAdmitted(retry())).toBe(true);
    expect(roomOf()).toBe(10_000 - 2 * bound);
    expect(key.window.countAt(clocks().steadyMs)).toBe(1);
  });
});

describe('a request under a soft limit', () => {
  it('needs nobody where only cost and tokens are limited', () => {
    const { ask, allowances } = given({ tokens: 10_000, cost_usd: null });
    expect(ask()).toMatchObject({ hold: null, holdings: null });
    expect(allowances.size).toBe(0);
  });

  it('goes by the gateway’s share of the window, and by an equal part of the limit while metering is away', () => {
    const { ask, answer, pass } = given({ requests_per_minute: 6 });
    answer({ share: 6 });
    for (let n = 0; n < 6; n += 1) expect(isAdmitted(ask())).toBe(true);
    expect(ask()).toBe('requests_per_minute_reached');
    pass(60_000);
    answer(null);
    const admitted = Array.from({ length: 5 }, () => isAdmitted(ask()));
    expect(admitted).toEqual([true, true, true, false, false]);
  });
});
