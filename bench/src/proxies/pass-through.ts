import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

/** Bodies forwarded and answers passed on without a look at either: what `undici.Pool.dispatch` alone costs. */
const PORT = Number(process.env['PORT']);
const pool = new Pool(process.env['UPSTREAM'] ?? '', { connections: 1024, pipelining: 1 });

const passOn = (res: ServerResponse): Dispatcher.DispatchHandler => ({
  onRequestStart: () => {},
  onResponseStart: (_, status, headers) => {
    const { 'content-type': type = '', 'content-length': length } = headers;
    res.writeHead(status, { 'content-type': type, ...(length ? { 'content-length': Number(length) } : {}) });
  },
  onResponseData: (_, chunk) => void res.write(chunk),
  onResponseEnd: () => void res.end(),
  onResponseError: () => void res.destroy(),
});

createServer((req: IncomingMessage, res: ServerResponse) => {
  if (req.method === 'GET') {
    res.writeHead(200).end();
    return;
  }
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    const headers = { authorization: 'Bearer provider', 'content-type': 'application/json' };
    pool.dispatch({ path: '/v1/chat/completions', method: 'POST', headers, body }, passOn(res));
  });
}).listen(PORT, '127.0.0.1');
