import { z } from 'zod';

/** Most entries of an allow-list, and the most characters of a model's name or pattern. */
export const MAX_ALLOWED = 100;
export const MAX_MODEL_LENGTH = 200;

const PRINTABLE = /^[!-~]+$/;
const ADDRESSES = [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()];
const isAddress = (text: string) => ADDRESSES.some((form) => form.safeParse(text).success);

/** A list that would allow nothing is a mistake: `null`, not an empty list, lifts the restriction. */
const listOf = (entry: z.ZodType<string>) =>
  z
    .array(entry)
    .min(1, 'must have at least one entry; null allows all')
    .max(MAX_ALLOWED, `must have at most ${MAX_ALLOWED} entries`);

/** Models as an administrator allows them: exact names, or patterns in which `*` is any run of characters. */
export const allowedModels = listOf(
  z
    .string()
    .trim()
    .max(MAX_MODEL_LENGTH, `must have at most ${MAX_MODEL_LENGTH} characters`)
    .regex(PRINTABLE, 'must be a model such as "gpt-4o", or a pattern such as "gpt-4o*"'),
);

/** An address, or a range of them as a CIDR; IPv4 or IPv6. */
export const addressRange = z
  .string()
  .trim()
  .max(50)
  .refine(isAddress, 'must be an address such as "203.0.113.7" or a range such as "2001:db8::/32"');

/** Callers' addresses as an administrator allows them. */
export const allowedIps = listOf(addressRange);
