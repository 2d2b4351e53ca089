import {
  adminKey,
  adminKeyPage,
  adminKeyWithSecret,
  createAdminKeyBody,
  listAdminKeysQuery,
  me,
} from '../admin-keys-http.ts';
import { auditExportQuery, auditPage, auditQuery } from '../audit-http.ts';
import { createSessionBody, endedSession, session } from '../session-http.ts';
import { routes } from './route.ts';

export const ADMIN_KEY_ROUTES = routes({
  me: {
    method: 'GET',
    path: '/v1/me',
    summary: 'The caller’s own admin key and what it may do',
    access: ['viewer', 'in a team'],
    answer: me,
  },
  create: {
    method: 'POST',
    path: '/v1/admin-keys',
    summary: 'Create an admin key; it is in this answer and in no other',
    access: ['owner', 'in a team'],
    body: createAdminKeyBody,
    example: { name: 'ann', role: 'admin' },
    answer: adminKeyWithSecret,
    status: 201,
    errors: ['invalid_field', 'unknown_field'],
  },
  list: {
    method: 'GET',
    path: '/v1/admin-keys',
    summary: 'The admin keys that the caller may see, newest first',
    access: ['owner', 'in a team'],
    query: listAdminKeysQuery,
    answer: adminKeyPage,
    errors: ['invalid_field', 'unknown_field'],
  },
  revoke: {
    method: 'DELETE',
    path: '/v1/admin-keys/:id',
    summary: 'End an admin key for good, at once',
    access: ['owner', 'in a team'],
    answer: adminKey,
    errors: ['not_found'],
  },
});

export const SESSION_ROUTES = routes({
  create: {
    method: 'POST',
    path: '/v1/session',
    summary: 'Sign a browser in: it gets a cookie that scripts cannot read',
    access: ['anyone', 'everywhere'],
    body: createSessionBody,
    example: { admin_key: 'tga_…' },
    answer: session,
    status: 201,
    errors: ['invalid_field', 'unknown_field'],
  },
  end: {
    method: 'DELETE',
    path: '/v1/session',
    summary: 'Sign a browser out',
    access: ['viewer', 'in a team'],
    answer: endedSession,
  },
});

export const AUDIT_ROUTES = routes({
  list: {
    method: 'GET',
    path: '/v1/audit-log',
    summary: 'Who did what, when and from where, newest first',
    access: ['admin', 'in a team'],
    query: auditQuery,
    answer: auditPage,
    errors: ['invalid_field', 'unknown_field'],
  },
  export: {
    method: 'GET',
    path: '/v1/audit-log/export',
    summary: 'The audit log as CSV or lines of JSON, oldest first',
    access: ['admin', 'in a team'],
    query: auditExportQuery,
    answer: null,
    errors: ['invalid_field', 'unknown_field'],
  },
});
