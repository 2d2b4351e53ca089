import { AsyncLocalStorage } from 'node:async_hooks';
import { newId } from './ids.ts';

const requestIds = new AsyncLocalStorage<string>();
const WELL_FORMED = /^req_[0-9A-Za-z]{1,40}$/;

/** A request's id: the one that another service gave it, or a new one. */
export const requestIdOf = (given: unknown): string =>
  typeof given === 'string' && WELL_FORMED.test(given) ? given : newId('req');

/** Runs the work of a request, whose lines in the log then bear its id. */
export const inRequest = (id: string, work: () => void): void => requestIds.run(id, work);

/** The id of the request that is worked on; `undefined` outside of any. */
export const currentRequestId = (): string | undefined => requestIds.getStore();
