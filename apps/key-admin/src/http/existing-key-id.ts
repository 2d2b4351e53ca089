import type { PipeTransform } from '@nestjs/common';
import { keyId } from '@tollgate/contracts/ids';
import { noSuchKey } from '../keys/no-such-key.ts';

/** What is not even an id of a key is answered like an id of none. */
export class ExistingKeyId implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!keyId.safeParse(value).success) throw noSuchKey();
    return value;
  }
}
