import type { Me } from '@tollgate/contracts/admin-keys-http';
import { useMe } from '../session/me.ts';

const GATEWAY_PORT = 4000;

/** Where keys are used, with `/v1`: as key-admin says, else the gateway's own port on this host. */
export function useGatewayUrl(): string {
  const me: Me & { readonly gateway_url?: string | null } = useMe();
  const { protocol, hostname } = window.location;
  return `${me.gateway_url ?? `${protocol}//${hostname}:${GATEWAY_PORT}`}/v1`;
}
