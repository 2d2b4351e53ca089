import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { IdentifyAdmin } from '../admin-keys/identify-admin.ts';
import { readNames } from './sql/read-names.ts';

@Injectable()
export class Names {
  constructor(
    private readonly db: DataSource,
    private readonly identify: IdentifyAdmin,
  ) {}

  /** Id → name, as it is now, of whatever acts or is acted on; ended ones too. What is not known is left out. */
  async of(some: readonly (string | null)[]): Promise<ReadonlyMap<string, string>> {
    const ids = some.filter((id) => id !== null);
    const names = await readNames(this.db, ids);
    for (const id of ids) {
      const name = this.identify.nameBeforeAll(id);
      if (name !== null) names.set(id, name);
    }
    return names;
  }
}
