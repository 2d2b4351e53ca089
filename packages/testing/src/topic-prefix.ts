import { randomBytes } from 'node:crypto';

/**
 * A prefix that no other spec has, so that specs share a broker and never a topic. Letters, digits and dashes, at
 * most 64 with the label: Kafka's metrics mix up topics that differ in dots and underscores alone.
 * @param label what to look for in a broker's list of topics; at most 32 letters, digits and dashes
 */
export function uniqueTopicPrefix(label = 'spec'): string {
  if (!/^[A-Za-z0-9-]{1,32}$/.test(label)) throw new RangeError(`not a label of a topic prefix: ${label}`);
  return `${label}-${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`;
}
