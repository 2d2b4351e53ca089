/**
 * Moves the clock of a process, for specs that need the end of a period without waiting for it:
 * `node --import <this file> main.js` with `CLOCK_OFFSET_MS` (milliseconds, default 0), and with an IPC channel
 * the message `{ clockOffsetMs }`, answered in kind once it holds. Only Date moves, as where a clock is set; with
 * `passes: true` performance.now() moves on with it, as where time passes. Timers measure real time. It is no
 * TypeScript since node runs it before anything else.
 */
const RealDate = globalThis.Date;
let offsetMs = readOffset(Number(process.env['CLOCK_OFFSET_MS'] || 0));

function readOffset(value) {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a clock offset in milliseconds: ${value}`);
  return value;
}

const now = () => RealDate.now() + offsetMs;

// A function and not a class, since Date() without `new` is legal and gives a string.
function ShiftedDate(...parts) {
  if (!new.target) return new RealDate(now()).toString();
  return Reflect.construct(RealDate, parts.length === 0 ? [now()] : parts, new.target);
}
Object.defineProperties(ShiftedDate, {
  ...Object.getOwnPropertyDescriptors(RealDate),
  name: { value: 'Date', configurable: true },
  now: { value: now, writable: true, configurable: true },
});
// One prototype for both, so that `instanceof` and `date.constructor` do not tell them apart.
Object.defineProperty(RealDate.prototype, 'constructor', {
  value: ShiftedDate,
  writable: true,
  configurable: true,
});
globalThis.Date = ShiftedDate;

/** What has passed beside real time; it never comes back. */
let passedMs = 0;
const steadyNow = performance.now.bind(performance);
performance.now = () => steadyNow() + passedMs;

if (process.send) {
  process.on('message', (message) => {
    if (typeof message !== 'object' || message === null || !('clockOffsetMs' in message)) return;
    const next = readOffset(message.clockOffsetMs);
    if (message.passes === true) passedMs += Math.max(0, next - offsetMs);
    offsetMs = next;
    process.send({ clockOffsetMs: offsetMs });
  });
  // Listening must not keep alive a process that is otherwise done.
  process.channel.unref();
}
