import { Injectable } from '@nestjs/common';
import type { KeyPropagation } from '@tollgate/contracts/admin-http';
import { Gateways } from '../propagation/gateways.ts';
import { Publications } from '../propagation/publications.ts';
import { KeyStore } from './key-store.ts';

@Injectable()
export class PropagationOfKey {
  constructor(
    private readonly store: KeyStore,
    private readonly gateways: Gateways,
    private readonly publications: Publications,
  ) {}

  /** Which live gateways go by the key's current version. */
  async execute(id: string): Promise<KeyPropagation> {
    const { version } = await this.store.get(id);
    const position = await this.publications.of(id, version, AbortSignal.abort());
    const gateways = this.gateways.each(Date.now(), position);
    return {
      version,
      complete: gateways.every(({ applied }) => applied),
      gateways: gateways.map(({ instance, applied, appliedAtMs, heardMs }) => ({
        instance,
        applied,
        applied_at: appliedAtMs === null ? null : new Date(appliedAtMs).toISOString(),
        heard_at: new Date(heardMs).toISOString(),
      })),
    };
  }
}
