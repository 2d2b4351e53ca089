import { ALL_ADMIN_ROUTES, type NamedRoute } from '@tollgate/contracts/admin-routes';
import { openApi } from '@tollgate/contracts/openapi';
import fc from 'fast-check';
import { System } from './system.ts';

type Json = Record<string, unknown>;
interface Operation {
  readonly parameters?: { readonly name: string; readonly in: string; readonly schema: Json }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Json } } };
}
interface Asked {
  readonly route: NamedRoute;
  readonly ids: readonly string[];
  readonly query: Json;
  readonly body: unknown;
  readonly headers: Record<string, string>;
}

const REQUESTS = Number(process.env['TOLLGATE_SPEC_FUZZ'] ?? 2_000);
const AT_ONCE = 8;
/** A request that changes something can wait a second for its gateways. */
const PATIENCE_MS = 60_000 + REQUESTS * 30;
const document = openApi() as { paths: Record<string, Record<string, Operation>> };
const canary = 'nobody-else-may-read-this';

let system: System;
let own: string;
let spare: string;
const ids: string[] = [
  'org_default',
  'team_default',
  'x',
  'key_',
  '\u0000',
  '../me',
  'key_0000000000000000000000',
  'ü'.repeat(300),
];

beforeAll(async () => {
  system = await System.start('fuzz');
  const { client } = system.admin;
  const make = async (name: string) => {
    const team = await client.teams.create({ body: { name, limits: { tokens: 5 } } });
    const { key } = await client.keys.create({
      body: { name, team_id: team.id, owner: name, metadata: { note: name } },
    });
    const admin = await client.adminKeys.create({ body: { name, role: 'owner', team_id: team.id } });
    ids.push(team.id, key.id);
    // Its own end would end the spec.
    if (name === canary) ids.push(admin.admin_key.id);
    return admin.secret;
  };
  own = await make('ours');
  await make(canary);
  spare = (await client.teams.create({ body: { name: 'spare' } })).id;
});
afterAll(() => system?.stop());

/** Values as a schema has them, about as often as others. */
function valueFor(schema: Json): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(-1, 0, 1e300, '', null, [], {}),
  );
  return fc.oneof({ weight: 9, arbitrary: rightValueFor(schema) }, { weight: 1, arbitrary: wrong });
}

function rightValueFor(schema: Json): fc.Arbitrary<unknown> {
  const { enum: words, anyOf, allOf, properties, items, type } = schema;
  if ('const' in schema) return fc.constant(schema['const']);
  if (words) return fc.constantFrom(...(words as unknown[]));
  if (anyOf ?? allOf) return fc.oneof(...((anyOf ?? allOf) as Json[]).map(valueFor));
  if (properties) {
    const fields = Object.entries(properties as Record<string, Json>);
    return fc.record(Object.fromEntries(fields.map(([name, of]) => [name, valueFor(of)])), {
      requiredKeys: [],
    });
  }
  if (type === 'array') return fc.array(valueFor((items ?? {}) as Json), { maxLength: 4 });
  if (type === 'object')
    return fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), { maxKeys: 3 });
  if (type === 'integer' || type === 'number') return fc.integer({ min: 0, max: 1_000 });
  if (type === 'boolean') return fc.boolean();
  if (type === 'null') return fc.constant(null);
  return fc.oneof(
    fc.constantFrom(
      ...ids,
      '12.50',
      'UTC',
      '2099-01-01T00:00:00Z',
      '2026-01-01T00:00:00Z',
      'a:b',
      'https://h.example',
    ),
    fc.string({ maxLength: 20 }),
  );
}

/** An id that the route is about, most of the time. */
function idFor({ resource, name }: NamedRoute): fc.Arbitrary<string> {
  // With a team go its admin keys, and with them the spec's.
  if (name === 'teams.remove')
    return fc.constantFrom('team_default', spare, 'x', 'team_0000000000000000000000');
  const prefix = { keys: 'key_', teams: 'team_', adminKeys: 'adm_' }[resource] ?? '';
  const fitting = ids.filter((id) => id.startsWith(prefix));
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...fitting) }, fc.constantFrom(...ids));
}

const asked = (): fc.Arbitrary<Asked> =>
  fc.constantFrom(...ALL_ADMIN_ROUTES).chain((route) => {
    const { parameters = [], requestBody } =
      document.paths[route.path.replace(/:(\w+)/g, '{$1}')]![route.method.toLowerCase()]!;
    const query = parameters.filter((parameter) => parameter.in === 'query');
    return fc.record({
      route: fc.constant(route),
      ids: fc.tuple(idFor(route), fc.constantFrom(...ids)),
      query: fc.record(Object.fromEntries(query.map(({ name, schema }) => [name, valueFor(schema)])), {
        requiredKeys: [],
      }),
      body: requestBody ? valueFor(requestBody.content['application/json'].schema) : fc.constant(undefined),
      headers: fc.record(
        {
          'if-match': fc.constantFrom('1', '"2"', '*', 'x'),
          'idempotency-key': fc.constantFrom('a', 'b', 'ü'),
        },
        { requiredKeys: [] },
      ),
    });
  });

async function send({ route, ids: [first, second], query, body, headers }: Asked, adminKey: string) {
  const path = route.path
    .replace(':id', encodeURIComponent(first!))
    .replace(':delivery_id', encodeURIComponent(second!));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    search.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  const asciiHeaders = Object.entries(headers).filter(([, value]) => /^[\x20-\x7e]*$/.test(value));
  const answer = await fetch(`${system.admin.url}${path}?${search}`, {
    method: route.method,
    headers: {
      authorization: `Bearer ${adminKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...Object.fromEntries(asciiHeaders),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  // A stream has no end to wait for.
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream');
  if (isStream) await answer.body!.cancel();
  return { status: answer.status, text: isStream ? '' : await answer.text() };
}

it(
  `${REQUESTS} requests that the document suggests break nothing, and tell one team nothing of another`,
  async () => {
    const requests = fc.sample(asked(), { numRuns: REQUESTS });
    const statuses = new Map<number, number>();
    const wrong: unknown[] = [];
    const take = async () => {
      for (let one = requests.pop(); one; one = requests.pop()) {
        const isOurs = requests.length % 2 === 0;
        const { status, text } = await send(one, isOurs ? own : system.admin.adminKey);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status >= 500) wrong.push({ ...one, route: one.route.name, status, text });
        // What was asked may be repeated in an error; what was not asked for may not be there.
        if (isOurs && text.includes(canary))
          wrong.push({ leaked: text.slice(0, 500), route: one.route.name });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, take));
    expect(wrong.slice(0, 5)).toEqual([]);
    // Else it would not have come past the first check of each route.
    expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 20);
    expect(statuses.get(201)).toBeGreaterThan(0);
    console.log(Object.fromEntries([...statuses].sort()));
  },
  PATIENCE_MS,
);
