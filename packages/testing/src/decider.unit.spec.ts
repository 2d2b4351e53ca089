import { decider } from './decider.ts';

type Event = { type: 'opened' } | { type: 'paid'; amount: bigint } | { type: 'closed' };
type Command = { type: 'open' } | { type: 'pay'; amount: bigint } | { type: 'close' };
type State = { open: boolean; paid: bigint };

class Refusal extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

const account = decider<Command, Event, State>({
  initial: { open: false, paid: 0n },
  evolve: (state, event) => {
    switch (event.type) {
      case 'opened':
        return { ...state, open: true };
      case 'paid':
        return { ...state, paid: state.paid + event.amount };
      case 'closed':
        return { ...state, open: false };
    }
  },
  decide: (command, state) => {
    if (command.type === 'open') return state.open ? [] : { type: 'opened' };
    if (!state.open) throw new Refusal('not_open');
    if (command.type === 'close') return { type: 'closed' };
    if (state.paid + command.amount < 100n) return { type: 'paid', amount: command.amount };
    return [{ type: 'paid', amount: command.amount }, { type: 'closed' }];
  },
});
const opened: Event = { type: 'opened' };
const paid = (amount: bigint): Event => ({ type: 'paid', amount });

describe('given/when/then of a decider', () => {
  it('decides on the state that the given events make', () => {
    account.given([]).when({ type: 'open' }).then([opened]);
    account.given([opened]).when({ type: 'open' }).then([]);
    account
      .given([opened, paid(60n)])
      .when({ type: 'pay', amount: 40n })
      .then([paid(40n), { type: 'closed' }]);
  });

  it('fails where other events, or the same in another order, were decided', () => {
    const decision = account.given([opened]).when({ type: 'pay', amount: 100n });
    expect(() => decision.then([paid(100n)])).toThrow();
    expect(() => decision.then([{ type: 'closed' }, paid(100n)])).toThrow();
    expect(() => decision.then([paid(99n), { type: 'closed' }])).toThrow();
  });

  it('knows a refusal by its code', () => {
    account.given([]).when({ type: 'close' }).thenThrows('not_open');
  });

  it('fails where nothing was refused, saying what was decided', () => {
    const decision = account.given([opened]).when({ type: 'pay', amount: 1n });
    expect(() => decision.thenThrows('not_open')).toThrow('[{"type":"paid","amount":"1n"}]');
  });

  it('fails with the original error where the refusal has another code or was no refusal', () => {
    expect(() => account.given([]).when({ type: 'close' }).thenThrows('frozen')).toThrow('not_open');
    expect(() => account.given([]).when({ type: 'close' }).then([])).toThrow('not_open');
  });
});
