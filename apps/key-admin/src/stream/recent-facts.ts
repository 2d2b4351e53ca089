import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Fact } from './fact.ts';

/** How many facts a reader can have missed and still go on. */
export const REMEMBERED = 2_000;

export interface Told {
  /** What a reader comes back with. It says nothing: a number would tell how much happens in other teams. */
  readonly id: string;
  readonly fact: Fact;
}

/** The last facts of this process, for readers that come back; the ids of another instance are not among them. */
@Injectable()
export class RecentFacts {
  private readonly kept: Told[] = [];
  /** The id before the first of {@link kept}. */
  private beginning: string = randomUUID();

  add(fact: Fact): Told {
    const told = { id: randomUUID(), fact };
    this.kept.push(told);
    if (this.kept.length > REMEMBERED) this.beginning = this.kept.shift()!.id;
    return told;
  }

  /** The id after which there is nothing for a reader who acts in a team, or everywhere. */
  lastFor(teamId: string | null): string {
    return this.kept.findLast(({ fact }) => fact.isFor(teamId))?.id ?? this.beginning;
  }

  /** What came after an id; `null` where that is not known: it is too long ago, or another instance's. */
  after(id: string): readonly Told[] | null {
    if (id === this.beginning) return this.kept;
    const place = this.kept.findLastIndex((told) => told.id === id);
    return place === -1 ? null : this.kept.slice(place + 1);
  }
}
