import type { z } from 'zod';
import type { AdminRole } from '../admin-keys-http.ts';
import type { ErrorCode } from '../errors.ts';

/** A route of the admin API: all that a client, a document and a spec need to know of it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `:id` where an id goes. */
  readonly path: `/v1/${string}`;
  readonly summary: string;
  /** The least role, and whether an admin key of one team may call it, in its team. */
  readonly access: readonly [least: AdminRole | 'anyone', where: 'in a team' | 'everywhere'];
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** A body that one might send, for people who read of it. */
  readonly example?: unknown;
  /** `null`: a file, as its query says, or the events of {@link events}. */
  readonly answer: z.ZodType | null;
  /** Answers as they happen, by name: `text/event-stream`, each with its data as JSON. */
  readonly events?: Readonly<Record<string, z.ZodType>>;
  /** Takes `Last-Event-ID`, to go on after the event with it. */
  readonly resumable?: true;
  /** 200 unless said. */
  readonly status?: 201;
  /** Takes `If-Match` with the version that the caller has seen. */
  readonly versioned?: true;
  /** Takes `Idempotency-Key`. */
  readonly repeatable?: true;
  /** What it can be refused with, beside what any route can. */
  readonly errors?: readonly ErrorCode[];
}

/** What any route can be refused with. */
export const ANY_ROUTE_ERRORS = [
  'invalid_admin_key',
  'forbidden',
  'too_many_failed_logins',
  'malformed_request',
  'internal_error',
  'database_unavailable',
] as const satisfies readonly ErrorCode[];

/** Keeps a table's own types, and sees that each of its rows is a route. */
export const routes = <const Routes extends Readonly<Record<string, Route>>>(table: Routes): Routes => table;
