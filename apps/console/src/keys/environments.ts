/** Offered where an environment is asked for; any other can be written. */
export const USUAL_ENVIRONMENTS = ['production', 'staging', 'development'];
