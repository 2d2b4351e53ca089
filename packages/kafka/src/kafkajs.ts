import { createRequire } from 'node:module';
import type * as Kafkajs from 'kafkajs';
import { encodeRecord } from './record-encoder.ts';

/**
 * kafkajs, with its encoder of records replaced by {@link encodeRecord}, before anything of it is loaded. Its own makes
 * ten buffers of 512 zeroed bytes for a record with our headers, which was a fifth of what the gateway spends on a
 * request. The version is pinned, and a spec holds our bytes against those of the original.
 */
const require = createRequire(import.meta.url);
const filename = require.resolve('kafkajs/src/protocol/recordBatch/record/v0/index.js');
export const originalEncoder = require(filename) as (record: RecordToEncode) => { readonly buffer: Buffer };

require.cache[filename]!.exports = encodeRecord;

export const kafkajs = require('kafkajs') as typeof Kafkajs;

type RecordToEncode = Parameters<typeof encodeRecord>[0];
