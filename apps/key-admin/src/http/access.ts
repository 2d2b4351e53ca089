import { SetMetadata } from '@nestjs/common';
import type { AdminRole } from '@tollgate/contracts/admin-keys-http';

/** Who may call a route. */
export interface Access {
  /** The least role. */
  readonly role: AdminRole;
  /** Whether one who acts in one team may, too; what the route does then keeps to that team. */
  readonly ownTeam: boolean;
}

export const ACCESS = 'tollgate:access';

/** Lets those call who act everywhere and have at least this role. A route without it or {@link AllowInTeam} is closed. */
export const Allow = (role: AdminRole) => SetMetadata(ACCESS, { role, ownTeam: false } satisfies Access);

/** Lets anybody call: who signs in has nothing yet. */
export const AllowAnyone = () => SetMetadata(ACCESS, 'anyone');

/** Lets those of one team call as well, in their team. */
export const AllowInTeam = (role: AdminRole) => SetMetadata(ACCESS, { role, ownTeam: true } satisfies Access);
