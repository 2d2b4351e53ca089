import { createAdminClient } from '@tollgate/admin-client/client';

/** The admin API on the origin that served this page; who is asking is in a cookie that scripts cannot read. */
export const admin = createAdminClient({ baseUrl: '' });
