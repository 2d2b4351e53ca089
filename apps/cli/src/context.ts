import { type AdminClient, createAdminClient } from '@tollgate/admin-client/client';
import { z } from 'zod';

/** Something that whoever runs the command can mend; its message says how. */
export class Complaint extends Error {}

const settings = z.object({
  TOLLGATE_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:4001'),
  TOLLGATE_ADMIN_KEY: z.string().optional(),
});

export interface Connection {
  readonly url: string;
  readonly adminKey: string;
  readonly client: AdminClient;
}

/** Where key-admin is and who asks, from the environment. @throws Complaint */
export function connect(env: NodeJS.ProcessEnv): Connection {
  const { success, data } = settings.safeParse(env);
  if (!success)
    throw new Complaint('TOLLGATE_URL must be the address of key-admin, such as http://127.0.0.1:4001.');
  const { TOLLGATE_URL: url, TOLLGATE_ADMIN_KEY: adminKey } = data;
  if (!adminKey) {
    throw new Complaint(
      'Set TOLLGATE_ADMIN_KEY to an admin key, tga_…; `npm start` prints the first one, and owners make others.',
    );
  }
  return { url, adminKey, client: createAdminClient({ baseUrl: url, adminKey }) };
}
