/** This process among the gateways. */
export interface Instance {
  /** Unique among live gateways; a restart may keep it. */
  readonly name: string;
  /** RFC 3339; tells one incarnation of a name from another. */
  readonly startedAt: string;
}
