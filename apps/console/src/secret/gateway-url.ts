import { useMe } from '../session/me.ts';

const GATEWAY_PORT = 4000;

/** Where keys are used, with `/v1`: as key-admin says, else the gateway's own port on this host. */
export function useGatewayUrl(): string {
  const { gateway_url } = useMe();
  const { protocol, hostname } = window.location;
  return `${gateway_url ?? `${protocol}//${hostname}:${GATEWAY_PORT}`}/v1`;
}
