/** Where callers of the router reach it, as people are told; `null` where it is not known here. */
export class GatewayAddress {
  readonly url: string | null;

  constructor(url: string | undefined) {
    this.url = url?.replace(/\/+$/, '') ?? null;
  }
}
