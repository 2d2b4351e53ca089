/** Why the organization's rules forbid a command. */
export type OrganizationRefusal = 'organization_exists' | 'organization_missing';

export class OrganizationRefused extends Error {
  constructor(
    readonly code: OrganizationRefusal,
    message: string,
  ) {
    super(message);
    this.name = 'OrganizationRefused';
  }
}
