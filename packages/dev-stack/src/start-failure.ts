/** Why a part of the system did not start, in sentences that say what to do; shown without a stack. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}
