/** Who takes the spans of folds, for Nest to inject; `null` where no traces are sent. */
export const TRACER = Symbol('tracer');
