import { keyPropagation, resetBody } from '../admin-http.ts';
import { exportQuery, statementAnswer, statementQuery, usageAnswer, usageQuery } from '../metering-http.ts';
import {
  organization,
  organizationAnswer,
  organizationOverview,
  patchOrganizationBody,
} from '../organization-http.ts';
import { routes } from './route.ts';

export const ORGANIZATION_ROUTES = routes({
  get: {
    method: 'GET',
    path: '/v1/organization',
    summary: 'The organization: name, limits, warning thresholds and webhooks',
    access: ['viewer', 'everywhere'],
    answer: organization,
  },
  update: {
    method: 'PATCH',
    path: '/v1/organization',
    summary: 'Change the organization; a list of webhooks takes the place of those there are',
    access: ['owner', 'everywhere'],
    body: patchOrganizationBody,
    example: { limits: { cost_usd: '5000', reset_period: 'monthly' } },
    answer: organizationAnswer,
    versioned: true,
    errors: ['invalid_field', 'unknown_field', 'precondition_failed'],
  },
  reset: {
    method: 'POST',
    path: '/v1/organization/reset',
    summary: 'Start the organization’s counters at zero within its period; others go on',
    access: ['owner', 'everywhere'],
    body: resetBody,
    example: { reason: 'paid' },
    answer: organizationAnswer,
    versioned: true,
    errors: ['invalid_field', 'unknown_field', 'precondition_failed'],
  },
  overview: {
    method: 'GET',
    path: '/v1/organization/overview',
    summary: 'What all keys used together and what is left',
    access: ['viewer', 'everywhere'],
    answer: organizationOverview,
    errors: ['metering_unavailable'],
  },
  propagation: {
    method: 'GET',
    path: '/v1/organization/propagation',
    summary: 'Which live gateways go by the organization’s current version',
    access: ['viewer', 'everywhere'],
    answer: keyPropagation,
  },
  usage: {
    method: 'GET',
    path: '/v1/organization/usage',
    summary: 'What all keys used over time',
    access: ['viewer', 'everywhere'],
    query: usageQuery,
    answer: usageAnswer,
    errors: ['invalid_field', 'unknown_field', 'metering_unavailable'],
  },
  statement: {
    method: 'GET',
    path: '/v1/organization/statement',
    summary: 'The records behind the organization’s meter',
    access: ['viewer', 'everywhere'],
    query: statementQuery,
    answer: statementAnswer,
    errors: ['invalid_field', 'unknown_field', 'metering_unavailable'],
  },
  export: {
    method: 'GET',
    path: '/v1/organization/export',
    summary: 'The records of all keys as CSV or lines of JSON',
    access: ['viewer', 'everywhere'],
    query: exportQuery,
    answer: null,
    errors: ['invalid_field', 'unknown_field', 'metering_unavailable'],
  },
});
