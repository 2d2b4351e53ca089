/** The service's logger, for Nest to inject. */
export const LOGGER = Symbol('logger');
