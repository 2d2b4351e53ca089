import { z } from 'zod';

/** Ids are a prefix and a UUIDv7 written in base62 (22 characters): time-ordered, and one word to a double click. */
export const ID_PREFIXES = [
  'key',
  'team',
  'org',
  'adm',
  'req',
  'evt',
  'op',
  'adj',
  'alw',
  'whk',
  'dlv',
] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];

const BASE62_UUID = '[0-9A-Za-z]{22}';
const id = (...prefixes: IdPrefix[]) =>
  z
    .string()
    .regex(
      new RegExp(`^(?:${prefixes.join('|')})_(${BASE62_UUID}|default)$`),
      `must be an id like ${prefixes.map((prefix) => `${prefix}_…`).join(' or ')}`,
    );

export const keyId = id('key');
export const teamId = id('team');
export const organizationId = id('org');
/** A key, a team or the organization. */
export const scopeId = id('key', 'team', 'org');
export const adminId = id('adm');
export const webhookId = id('whk');
export const deliveryId = id('dlv');

/** The team that a deployment starts with, and the one organization that a deployment is. */
export const DEFAULT_TEAM_ID = 'team_default';
export const ORGANIZATION_ID = 'org_default';
