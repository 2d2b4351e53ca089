/** Something that happened to a scope. */
export interface Fact<Type extends string, Data> {
  readonly type: Type;
  /** When it happened, RFC 3339 in UTC with milliseconds. */
  readonly at: string;
  /** Who did it: the id of an admin key. */
  readonly actor: string;
  readonly data: Data;
}

/** Something that an administrator asks of a scope. */
export interface Command<Type extends string> {
  readonly type: Type;
  readonly nowMs: number;
  /** The id of the admin key that asks. */
  readonly actor: string;
}
