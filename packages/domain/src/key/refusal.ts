/** Why a key's rules forbid a command. */
export type KeyRefusal =
  | 'key_exists'
  | 'key_missing'
  | 'key_revoked'
  | 'expiry_unusable'
  | 'too_many_secrets';

export class KeyRefused extends Error {
  constructor(
    readonly code: KeyRefusal,
    message: string,
    /** The field that is at fault, where one is. */
    readonly param?: string,
  ) {
    super(message);
    this.name = 'KeyRefused';
  }
}
