/** A member of rosters keeps its place in each of them, by the roster's name. */
export interface Enrolled<Name extends string> {
  readonly places: Record<Name, number>;
}

/**
 * Those of something that are there now, in no order. Coming and leaving are O(1) and leave nothing behind.
 *
 * A `Set` does not: each time it makes room it leaves its former table with a pointer to the next one. Once V8 has
 * moved one such table to the old generation, all that follow are kept until that is collected, and with them every
 * member that ever was in one. For requests that was most of what the gateway's collections copied.
 */
export class Roster<Name extends string, Member extends Enrolled<Name>> {
  private readonly members: Member[] = [];

  constructor(private readonly name: Name) {}

  get size(): number {
    return this.members.length;
  }

  /** @param member one that is not in it */
  add(member: Member): void {
    member.places[this.name] = this.members.push(member) - 1;
  }

  /** @returns whether it was there */
  remove(member: Member): boolean {
    const place = member.places[this.name];
    if (this.members[place] !== member) return false;
    const last = this.members.pop()!;
    if (last !== member) {
      this.members[place] = last;
      last.places[this.name] = place;
    }
    return true;
  }

  /** Of those that are there; none may come or leave meanwhile. */
  [Symbol.iterator](): IterableIterator<Member> {
    return this.members.values();
  }
}
