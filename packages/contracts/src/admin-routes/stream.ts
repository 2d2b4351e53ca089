import { STREAM_EVENTS, streamQuery } from '../stream-http.ts';
import { routes } from './route.ts';

export const STREAM_ROUTES = routes({
  open: {
    method: 'GET',
    path: '/v1/stream',
    summary: 'What happens, as it happens: changes, warnings, breaches, resets, and meters that are watched',
    access: ['viewer', 'in a team'],
    query: streamQuery,
    answer: null,
    events: STREAM_EVENTS,
    resumable: true,
    errors: ['invalid_field', 'unknown_field', 'too_many_streams', 'not_ready'],
  },
});
