import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
/** What is written beside a file by the build, by what a browser calls it; the smallest first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;
type Encoding = (typeof ENCODINGS)[number][0];

export interface ConsoleFile {
  readonly type: string;
  readonly etag: string;
  readonly content: Buffer;
  readonly encoded: Readonly<Partial<Record<Encoding, Buffer>>>;
}

/** The built console in memory: what a request names is looked up among its files, and nothing else is ever opened. */
export class ConsoleFiles {
  private constructor(private readonly files: ReadonlyMap<string, ConsoleFile>) {}

  /** @param folder where it is built; where there is nothing, there are no files */
  static async read(folder: string): Promise<ConsoleFiles> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const names = entries
      .filter((entry) => entry.isFile() && Object.hasOwn(TYPES, extname(entry.name)))
      .map((entry) => join(entry.parentPath, entry.name));
    const files = names.map(async (name) => {
      const path = `/${relative(folder, name).replaceAll('\\', '/')}`;
      return [path, await readWithEncodings(name)] as const;
    });
    return new ConsoleFiles(new Map(await Promise.all(files)));
  }

  /** @param path as in the URL: `/assets/index-4f3a.js` */
  get(path: string): ConsoleFile | undefined {
    return this.files.get(path);
  }

  /** The page of every address within the console. */
  get page(): ConsoleFile | undefined {
    return this.files.get('/index.html');
  }
}

/** Where the console is built with this service; a folder that does not exist where it is not. */
export function builtConsole(): string {
  try {
    return fileURLToPath(new URL('.', import.meta.resolve('@tollgate/console/dist/index.html')));
  } catch {
    return 'console-is-not-installed';
  }
}

async function readWithEncodings(name: string): Promise<ConsoleFile> {
  const content = await readFile(name);
  const encoded: Partial<Record<Encoding, Buffer>> = {};
  for (const [encoding, suffix] of ENCODINGS) {
    const bytes = await readFile(name + suffix).catch(() => null);
    if (bytes) encoded[encoding] = bytes;
  }
  const etag = createHash('sha256').update(content).digest('base64url').slice(0, 22);
  return { type: TYPES[extname(name)]!, etag, content, encoded };
}

/** The smallest form of a file that a browser takes, by its `Accept-Encoding`. */
export function accepted(file: ConsoleFile, accepts: string): [encoding: Encoding | null, bytes: Buffer] {
  const offered = new Set(accepts.split(',').map((one) => one.trim().replace(/;.*/, '')));
  for (const [encoding] of ENCODINGS) {
    const bytes = file.encoded[encoding];
    if (bytes && offered.has(encoding)) return [encoding, bytes];
  }
  return [null, file.content];
}
