#!/usr/bin/env node
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncApi, eventSchema, schemaPath } from '../dist/asyncapi.js';
import { EVENTS } from '../dist/events.js';
import { openApi } from '../dist/openapi.js';

/** Writes docs/events and docs/openapi.json anew from the contracts; a spec says when that is due. */
const folder = fileURLToPath(new URL('../../../docs/events/', import.meta.url));
const golden = (type) => JSON.parse(readFileSync(new URL(`../golden/${type}.json`, import.meta.url), 'utf8'));
const types = Object.keys(EVENTS);

function write(file, content) {
  mkdirSync(dirname(folder + file), { recursive: true });
  writeFileSync(folder + file, `${JSON.stringify(content, null, 2)}\n`);
}

rmSync(`${folder}schemas`, { recursive: true, force: true });
write('asyncapi.json', asyncApi(Object.fromEntries(types.map((type) => [type, golden(type)]))));
for (const type of types) write(`schemas/${schemaPath(type)}.json`, eventSchema(type));
write('../openapi.json', openApi());
