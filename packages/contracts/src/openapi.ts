import { z } from 'zod';
import { ANY_ROUTE_ERRORS } from './admin-routes/route.ts';
import { ALL_ADMIN_ROUTES, type NamedRoute } from './admin-routes.ts';
import { ERRORS, type ErrorCode, errorBody } from './errors.ts';

type Json = Record<string, unknown>;

const TAGS: Readonly<Record<string, string>> = {
  keys: 'What callers of the router authenticate with, and what they may use.',
  teams: 'What keys belong to, with limits of its own.',
  organization: 'What all teams belong to, with limits of its own.',
  adminKeys: 'Who may use this API, and for what.',
  auditLog: 'Who changed what.',
  session: 'Browsers that are signed in.',
  stream: 'What happens, as it happens.',
  webhooks: 'Who is told of warnings, breaches, resets and keys that expire.',
};

const DESCRIPTION = `Keys with limits of cost, tokens and requests per minute. Money is in decimal strings of US dollars,
instants are RFC 3339 in UTC, unknown fields are refused. Errors have the shape of OpenAI's; \`error.code\` says which
it is and \`error.param\` which field it is about. Authenticate with an admin key; what it may do depends on its role
(viewer, admin, owner) and on whether it is bound to a team.`;

/** The OpenAPI 3.1 document of the admin API. */
export function openApi(): Json {
  const paths: Record<string, Json> = {};
  for (const route of ALL_ADMIN_ROUTES) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Tollgate admin API', version: '1.0.0', description: DESCRIPTION.replace(/\n/g, ' ') },
    security: [{ admin_key: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        admin_key: { type: 'http', scheme: 'bearer', description: 'An admin key, `tga_…`.' },
      },
      schemas: { Error: schema(errorBody, 'output') },
    },
  };
}

function operation(route: NamedRoute): Json {
  const { name, resource, summary, access, query, body, example, versioned, repeatable, resumable, path } =
    route;
  const [role, where] = access;
  const parameters = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, id]) => ({
      name: id,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...(query ? queryParameters(query) : []),
    ...(versioned ? [header('If-Match', 'The version that was read: another answers 412.')] : []),
    ...(repeatable
      ? [header('Idempotency-Key', 'Repeating the call with it within a day makes nothing anew.')]
      : []),
    ...(resumable
      ? [header('Last-Event-ID', 'The id of the last event that was read: what came after it follows.')]
      : []),
  ];
  return {
    operationId: name,
    tags: [resource],
    summary,
    description:
      role === 'anyone'
        ? 'For anyone.'
        : `For the role ${role} and above${where === 'in a team' ? ', also bound to a team' : ''}.`,
    ...(role === 'anyone' && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: isNeeded(body), ...content(schema(body, 'input'), example) } }),
    responses: { ...success(route), ...failures(route) },
  };
}

const isNeeded = (body: z.ZodType) => !body.safeParse({}).success;
const content = (of: Json, example?: unknown) => ({
  content: { 'application/json': { schema: of, ...(example !== undefined && { example }) } },
});
const header = (name: string, description: string): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
});

function queryParameters(query: z.ZodType): Json[] {
  const { properties = {}, required = [] } = schema(query, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: of,
  }));
}

function success({ answer, status, events }: NamedRoute): Json {
  if (events) return { 200: { description: 'Events.', content: { 'text/event-stream': stream(events) } } };
  if (answer) return { [status ?? 200]: { description: 'Done.', ...content(schema(answer, 'output')) } };
  const file = { schema: { type: 'string' } };
  return {
    200: { description: 'A file.', content: { 'text/csv': file, 'application/x-ndjson': file } },
  };
}

/** OpenAPI 3.1 has no words for a stream; what each event's data is, by its name, is in an extension. */
const stream = (events: NonNullable<NamedRoute['events']>): Json => ({
  schema: { type: 'string' },
  'x-events': Object.fromEntries(Object.entries(events).map(([name, of]) => [name, schema(of, 'output')])),
});

/** Errors by status, with the codes that each can have. */
function failures({ errors = [] }: NamedRoute): Json {
  const codes = new Map<number, ErrorCode[]>();
  for (const code of [...ANY_ROUTE_ERRORS, ...errors]) {
    const { status } = ERRORS[code];
    codes.set(status, [...(codes.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...codes].map(([status, ones]) => [
      status,
      {
        description: ones.map((code) => `\`${code}\``).join(', '),
        ...content({ $ref: '#/components/schemas/Error' }),
      },
    ]),
  );
}

function schema(of: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...plain } = z.toJSONSchema(of, { io, unrepresentable: 'any' }) as Json;
  return plain;
}
