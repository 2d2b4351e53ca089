import { z } from 'zod';

/**
 * Every error a service of Tollgate answers with: its code, HTTP status and OpenAI error type.
 * A message is written where the error is raised, because it says what to do there.
 */
export const ERRORS = {
  // Gateway: who is calling; too many wrong keys are `too_many_failed_logins`
  invalid_api_key: { status: 401, type: 'authentication_error' },
  key_expired: { status: 401, type: 'authentication_error' },
  key_disabled: { status: 403, type: 'permission_error' },
  ip_not_allowed: { status: 403, type: 'permission_error' },
  // Gateway: what is asked
  invalid_body: { status: 400, type: 'invalid_request_error' },
  body_too_large: { status: 413, type: 'invalid_request_error' },
  unsupported_encoding: { status: 415, type: 'invalid_request_error' },
  model_not_found: { status: 404, type: 'invalid_request_error' },
  model_not_allowed: { status: 403, type: 'permission_error' },
  model_unpriced: { status: 400, type: 'invalid_request_error' },
  // Gateway: what is left
  requests_per_minute_reached: { status: 429, type: 'rate_limit_exceeded' },
  cost_limit_reached: { status: 429, type: 'insufficient_quota' },
  token_limit_reached: { status: 429, type: 'insufficient_quota' },
  unbounded_request: { status: 400, type: 'invalid_request_error' },
  allowance_unavailable: { status: 503, type: 'server_error' },
  // Gateway: what happened on the way
  key_state_stale: { status: 503, type: 'server_error' },
  gateway_busy: { status: 503, type: 'server_error' },
  usage_backlog_full: { status: 503, type: 'server_error' },
  upstream_unreachable: { status: 502, type: 'server_error' },
  upstream_timeout: { status: 504, type: 'server_error' },
  // Admin
  invalid_admin_key: { status: 401, type: 'authentication_error' },
  forbidden: { status: 403, type: 'permission_error' },
  not_found: { status: 404, type: 'invalid_request_error' },
  method_not_allowed: { status: 405, type: 'invalid_request_error' },
  name_taken: { status: 409, type: 'invalid_request_error' },
  key_revoked: { status: 409, type: 'invalid_request_error' },
  conflict: { status: 409, type: 'invalid_request_error' },
  precondition_failed: { status: 412, type: 'invalid_request_error' },
  invalid_field: { status: 422, type: 'invalid_request_error' },
  unknown_field: { status: 422, type: 'invalid_request_error' },
  too_many_failed_logins: { status: 429, type: 'rate_limit_exceeded' },
  too_many_streams: { status: 429, type: 'rate_limit_exceeded' },
  // Any service
  malformed_request: { status: 400, type: 'invalid_request_error' },
  headers_too_large: { status: 431, type: 'invalid_request_error' },
  request_timeout: { status: 408, type: 'invalid_request_error' },
  not_ready: { status: 503, type: 'server_error' },
  stale_call: { status: 409, type: 'invalid_request_error' },
  invalid_internal_token: { status: 401, type: 'authentication_error' },
  database_unavailable: { status: 503, type: 'server_error' },
  metering_unavailable: { status: 503, type: 'server_error' },
  internal_error: { status: 500, type: 'server_error' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export const errorBody = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    code: z.string(),
    param: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).optional(),
  }),
});
export type ErrorBody = z.infer<typeof errorBody>;

export interface ErrorExtras {
  /** The field or parameter that is wrong, as a path: `limits.tokens`. */
  readonly param?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Seconds from which a retry can succeed; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/** An error's body, OpenAI-shaped. */
export function toErrorBody(code: ErrorCode, message: string, extras: ErrorExtras = {}): ErrorBody {
  const { param = null, details } = extras;
  return { error: { message, type: ERRORS[code].type, code, param, ...(details && { details }) } };
}

/** Thrown anywhere above the domain; becomes the HTTP answer of its code. */
export class TollgateError extends Error {
  readonly status: number;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly extras: ErrorExtras = {},
  ) {
    super(message);
    this.name = 'TollgateError';
    this.status = ERRORS[code].status;
  }

  toBody(): ErrorBody {
    return toErrorBody(this.code, this.message, this.extras);
  }
}
