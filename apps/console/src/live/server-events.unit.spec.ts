import { ServerEvents } from './server-events.ts';

it('reads events however the network cuts them', () => {
  const text = ': hello\n\nevent: meter\nid: 7-1\ndata: {"a":\ndata: 1}\n\nevent: changed\ndata: x\n\n';
  const whole = new ServerEvents().take(text);
  expect(whole).toEqual([
    { name: '', id: null, data: '' },
    { name: 'meter', id: '7-1', data: '{"a":\n1}' },
    { name: 'changed', id: null, data: 'x' },
  ]);
  for (let cut = 1; cut < text.length; cut += 1) {
    const events = new ServerEvents();
    expect([...events.take(text.slice(0, cut)), ...events.take(text.slice(cut))]).toEqual(whole);
  }
});

it('does not wait for the end of an event without bound', () => {
  expect(() => new ServerEvents().take('data: '.padEnd(2_000_000, 'x'))).toThrow('no end');
});
