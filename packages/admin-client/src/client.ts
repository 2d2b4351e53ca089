import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { Route } from '@tollgate/contracts/admin-routes/route';
import { AdminApiError } from './error.ts';
import { type AnyInput, type Operation, pathOf } from './operation.ts';

type Routes = typeof ADMIN_ROUTES;

/** The admin API, as its routes have it: `client.keys.create({ body: { name: 'search' } })`. */
export type AdminClient = {
  readonly [Resource in keyof Routes]: {
    readonly [Name in keyof Routes[Resource]]: Routes[Resource][Name] extends Route
      ? Operation<Routes[Resource][Name]>
      : never;
  };
};

export interface ClientSettings {
  /** Where key-admin is: `http://127.0.0.1:4001`; `''` in a page that it serves. */
  readonly baseUrl: string;
  /** `tga_…`; not needed in a page that has a session. */
  readonly adminKey?: string;
  /** Takes the place of the platform's `fetch`. */
  readonly fetch?: typeof fetch;
}

/** How often a call is made that gets no answer and can be repeated without harm. */
const TRIES = 3;
const PAUSE_MS = 200;

/** A client of the admin API, for Node and browsers. */
export function createAdminClient(settings: ClientSettings): AdminClient {
  const resources = Object.entries(ADMIN_ROUTES).map(([resource, table]) => {
    const operations = Object.entries<Route>(table).map(([name, route]) => [
      name,
      (input: AnyInput = {}) => call(settings, route, input),
    ]);
    return [resource, Object.fromEntries(operations)];
  });
  return Object.fromEntries(resources) as AdminClient;
}

async function call(settings: ClientSettings, route: Route, given: AnyInput): Promise<unknown> {
  // A creation that got no answer may have been made: its repetition must not make another.
  const input = route.repeatable ? { idempotencyKey: crypto.randomUUID(), ...given } : given;
  const answer = await send(settings, route, input);
  if (!answer.ok) throw await AdminApiError.of(answer);
  return route.answer === null ? answer : await answer.json();
}

async function send(settings: ClientSettings, route: Route, input: AnyInput): Promise<Response> {
  const { baseUrl, fetch: ask = fetch } = settings;
  const url = baseUrl.replace(/\/$/, '') + pathOf(route, input);
  const mayRepeat = route.method === 'GET' || route.repeatable === true;
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask(url, requestOf(settings, route, input));
    } catch (error) {
      input.signal?.throwIfAborted();
      if (!mayRepeat || tried === TRIES) {
        const message = `${url} does not answer: see that key-admin runs there.`;
        throw new AdminApiError(0, 'unreachable', message, null, {}, null, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tried));
    }
  }
}

function requestOf({ adminKey }: ClientSettings, { method }: Route, input: AnyInput): RequestInit {
  const { body, ifMatch, idempotencyKey, lastEventId, signal } = input;
  const headers: Record<string, string> = {};
  if (adminKey !== undefined) headers['authorization'] = `Bearer ${adminKey}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (ifMatch !== undefined) headers['if-match'] = `"${ifMatch}"`;
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
  return {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  };
}
