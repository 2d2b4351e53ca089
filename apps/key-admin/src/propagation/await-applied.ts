import { Injectable } from '@nestjs/common';
import type { Propagation } from '@tollgate/contracts/admin-http';
import type { Position } from '@tollgate/kafka/publisher';
import { Gateways } from './gateways.ts';
import { PropagationMetrics } from './propagation-metrics.ts';
import { Publications } from './publications.ts';

/** A change answers after this time at the latest, applied everywhere or not. */
const PATIENCE_MS = 1_000;

@Injectable()
export class AwaitApplied {
  constructor(
    private readonly gateways: Gateways,
    private readonly publications: Publications,
    private readonly metrics: PropagationMetrics,
  ) {}

  /**
   * Waits until a version of a scope is published and every live gateway has applied it, at most 1 s. Called after the
   * commit, so it never undoes a change: `complete: false` says that somewhere the scope may still be as it was, for
   * now. That no gateway is heard of says nothing while nothing can be published: the broker keeps both from us.
   */
  async execute(scopeId: string, version: number): Promise<Propagation> {
    const start = performance.now();
    const answer = (position: Position | null): Propagation => {
      const { gateways, acknowledged } = this.gateways.count(Date.now(), position);
      const took_ms = Math.round((performance.now() - start) * 10) / 10;
      return { complete: position !== null && acknowledged === gateways, gateways, acknowledged, took_ms };
    };
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const position = await this.publications.of(scopeId, version, patience);
    if (position) await this.acknowledged(position, patience);
    const propagation = answer(position);
    this.metrics.answered(propagation);
    return propagation;
  }

  private acknowledged(position: Position, patience: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        const { gateways, acknowledged } = this.gateways.count(Date.now(), position);
        if (acknowledged < gateways && !patience.aborted) return;
        stopListening();
        patience.removeEventListener('abort', look);
        resolve();
      };
      const stopListening = this.gateways.onReport(look);
      patience.addEventListener('abort', look);
      look();
    });
  }
}
