import { createServer } from 'node:net';
import { StartFailure } from './start-failure.ts';

function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address ? address.port : port;
      server.close(() => resolve(taken));
    });
  });
}

const given = new Set<number>();

/**
 * A port that nobody listened on a moment ago, and another one each time: the system may give one again that is not
 * used yet, and of two services on one port the second is taken to be ready when the first answers.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await listenOnce('127.0.0.1', 0);
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}

/**
 * @param variable the environment variable that moves it elsewhere
 * @throws StartFailure where something listens on it already, on this address or on all of them
 */
export async function requireFreePort(port: number, use: string, variable: string): Promise<void> {
  try {
    for (const host of ['127.0.0.1', '0.0.0.0']) await listenOnce(host, port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const state = code === 'EACCES' ? 'may not be opened by this user' : 'is in use by another program';
    throw new StartFailure(
      `Port ${port}, wanted for ${use}, ${state}: free it, or choose another with ${variable}=<port> npm start.`,
    );
  }
}
