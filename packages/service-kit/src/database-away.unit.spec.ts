import { QueryFailedError } from 'typeorm';
import { isDatabaseAway } from './database-away.ts';

const failed = (fields: object, message = 'x') => Object.assign(new Error(message), fields);

it.each<[string, Error]>([
  ['a refused connection', failed({ code: 'ECONNREFUSED' })],
  ['one that was refused at each of its addresses', new AggregateError([failed({ code: 'ECONNREFUSED' })])],
  ['an end by an administrator', failed({ code: '57P01', severity: 'FATAL' })],
  ['a database that takes no connections', failed({ code: '55000', severity: 'FATAL' })],
  ['too many connections', failed({ code: '53300', severity: 'FATAL' })],
  ['a connection that broke', new Error('Connection terminated unexpectedly')],
  ['a pool that is used up', new Error('timeout exceeded when trying to connect')],
  ['any of them amid a query', new QueryFailedError('select 1', [], failed({ code: '57P01' }))],
])('knows %s as an absence', (_, error) => {
  expect(isDatabaseAway(error)).toBe(true);
});

it.each<[string, unknown]>([
  ['a constraint', new QueryFailedError('insert', [], failed({ code: '23514', severity: 'ERROR' }))],
  ['a mistake in a query', new QueryFailedError('selec', [], failed({ code: '42601', severity: 'ERROR' }))],
  ['a statement that took too long', failed({ code: '57014', severity: 'ERROR' })],
  ['a mistake in the code', new TypeError('x is not a function')],
  ['what is no error', 'Connection terminated'],
])('does not take %s for one', (_, error) => {
  expect(isDatabaseAway(error)).toBe(false);
});
