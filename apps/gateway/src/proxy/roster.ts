/** A member keeps its place. */
export interface Enrolled {
  place: number;
}

/**
 * Those of something that are there now, in no order. Coming and leaving are O(1) and leave nothing behind.
 *
 * A `Set` does not: each time it makes room it leaves its former table with a pointer to the next one. Once V8 has
 * moved one such table to the old generation, all that follow are kept until that is collected, and with them every
 * member that ever was in one. For requests that was most of what the gateway's collections copied.
 */
export class Roster<Member extends Enrolled> {
  private readonly members: Member[] = [];

  get size(): number {
    return this.members.length;
  }

  /** @param member one that is in no roster */
  add(member: Member): void {
    member.place = this.members.push(member) - 1;
  }

  /** @returns whether it was there */
  remove(member: Member): boolean {
    const { place } = member;
    if (this.members[place] !== member) return false;
    const last = this.members.pop()!;
    if (last !== member) {
      this.members[place] = last;
      last.place = place;
    }
    return true;
  }

  /** Of those that are there; none may come or leave meanwhile. */
  [Symbol.iterator](): IterableIterator<Member> {
    return this.members.values();
  }
}
