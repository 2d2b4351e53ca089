import { connect } from 'node:net';

const METADATA = 3;
const VERSION = 4;

/**
 * Asks a broker for the cluster's metadata in Kafka's protocol, which takes fewer lines than a client and works
 * before anything else is known about it: the answer starts with the brokers that are up.
 * @param address `host:port`
 * @returns how many brokers take requests; 0 while the cluster is still starting
 * @throws Error where nobody answers within `timeoutMs`, or something that is no broker
 */
export function countBrokers(address: string, timeoutMs: number): Promise<number> {
  const colon = address.lastIndexOf(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
    const deadline = setTimeout(() => socket.destroy(new Error('no answer')), timeoutMs);
    let received = Buffer.alloc(0);
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // size, correlation id, throttle time, length of the array of brokers: 4 bytes each
      if (received.length < 16) return;
      if (received.readInt32BE(4) === CORRELATION_ID) resolve(received.readInt32BE(12));
      else reject(new Error('it does not speak the Kafka protocol'));
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(deadline);
      reject(new Error('the connection was closed'));
    });
  });
}

const CORRELATION_ID = 0x746f6c6c;

function metadataRequest(): Buffer {
  const client = Buffer.from('tollgate-probe');
  const head = Buffer.alloc(10);
  head.writeInt16BE(METADATA, 0);
  head.writeInt16BE(VERSION, 2);
  head.writeInt32BE(CORRELATION_ID, 4);
  head.writeInt16BE(client.length, 8);
  // An empty list of topics, and no creation of any.
  const body = Buffer.concat([head, client, Buffer.from([0, 0, 0, 0, 0])]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}
