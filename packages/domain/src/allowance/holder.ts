/** A gateway from its start to its end. Of an instance's incarnations the one with the greatest number is the latest. */
export interface Holder {
  readonly instance: string;
  readonly incarnation: number;
}

export const sameHolder = (a: Holder, b: Holder): boolean =>
  a.instance === b.instance && a.incarnation === b.incarnation;

/** For so long after it was asked for a share of the window is good; the gateway counts from before it asks. */
export const LEASE_MS = 60_000;

/** A call of an instance: later incarnations come after earlier ones, and calls of one as they are numbered. */
export interface CallPlace {
  readonly incarnation: number;
  readonly number: number;
}

/** Whether a call came after the last one that was heard of its instance; one that did not is not to be carried out. */
export const isLater = (call: CallPlace, last: CallPlace | null): boolean =>
  last === null ||
  call.incarnation > last.incarnation ||
  (call.incarnation === last.incarnation && call.number > last.number);
