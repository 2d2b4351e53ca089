import { getEventListeners } from 'node:events';
import { abortedToo } from './aborted-too.ts';

const whenAborted = ({ signal }: AbortController) =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener('abort', () => resolve(signal.reason));
  });

it('is aborted by the signal, before it begins too', async () => {
  const stop = new AbortController();
  const waiting = abortedToo(stop.signal, whenAborted);
  stop.abort('stopped');
  expect(await waiting).toBe('stopped');
  expect(await abortedToo(stop.signal, whenAborted)).toBe('stopped');
});

it('is aborted by itself, and leaves nothing on the signal, also where it fails', async () => {
  const { signal } = new AbortController();
  const own = await abortedToo(signal, async (controller) => {
    controller.abort('woken');
    return whenAborted(controller);
  });
  expect([own, signal.aborted]).toEqual(['woken', false]);
  const failing = abortedToo(signal, () => Promise.reject(new Error('failed')));
  await expect(failing).rejects.toThrow('failed');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
