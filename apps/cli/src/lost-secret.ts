import type { Key } from '@tollgate/contracts/admin-http';

/** A creation that got no answer and was asked for again has made the key, and shows its secret to nobody any more. */
export const lostSecret = ({ id }: Key): string =>
  `The answer with its secret was lost on the way: "tollgate keys rotate ${id} --overlap-seconds 0" gives it another.`;
