import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type Exit, runToEnd } from './child.ts';
import { StartFailure } from './start-failure.ts';

const LEAST_JAVA = 17;
const OTHERWISE =
  'or set KAFKA_BROKERS to a broker of yours, such as KAFKA_BROKERS=127.0.0.1:9092, and start again.';

export interface Tools {
  /** Where PATH, JAVA_HOME and the user's Maven settings are found. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

async function run(command: string, args: string[], { env, log }: Tools): Promise<Exit & { output: string }> {
  return runToEnd({ name: command, command, args, env, onLine: log });
}

const isMissing = (error: unknown) =>
  ['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');

/**
 * Finds a Java that can run the broker: JAVA_HOME's, else the one on the PATH.
 * @throws StartFailure where there is none, or one older than 17
 */
export async function findJava(tools: Tools): Promise<string> {
  const home = tools.env.JAVA_HOME;
  const java = home ? join(home, 'bin', 'java') : 'java';
  const advice = `install Java ${LEAST_JAVA} or newer (Debian: \`apt install openjdk-17-jre-headless\`, macOS: \`brew install openjdk@17\`)`;
  try {
    const { output } = await run(java, ['-version'], tools);
    const version = /version "(?:1\.)?(\d+)/.exec(output)?.[1];
    if (version && Number(version) >= LEAST_JAVA) return java;
    const found = version ? `Java ${version}` : `${java}, which does not tell its version`;
    throw new StartFailure(
      `Kafka needs Java ${LEAST_JAVA} and this machine has ${found}: ${advice}, ${OTHERWISE}`,
    );
  } catch (error) {
    if (!isMissing(error)) throw error;
    const where = home ? `JAVA_HOME (${home}) has none` : 'there is none on the PATH';
    throw new StartFailure(`Kafka needs Java and ${where}: ${advice}, ${OTHERWISE}`);
  }
}

/**
 * Copies the broker's jars, as pinned by `pom`, into a folder named by the pin's hash; once.
 * @returns the class path
 * @throws StartFailure where Maven is missing or could not get them
 */
export async function resolveJars(pom: string, cacheDir: string, tools: Tools): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const jars = join(cacheDir, hash);
  const classPath = [dirname(pom), join(jars, '*')].join(delimiter);
  if (existsSync(jars)) return classPath;

  // Copied beside and moved, so that an interrupted download is never taken for a broker.
  const copied = `${jars}.${process.pid}`;
  mkdirSync(copied, { recursive: true });
  try {
    const goal = 'dependency:copy-dependencies';
    const { code, output } = await run(
      'mvn',
      ['-q', '-B', '-f', pom, goal, `-DoutputDirectory=${copied}`],
      tools,
    );
    if (code !== 0) {
      throw new StartFailure(
        `Maven could not get Kafka's jars: check that it reaches its repository, ${OTHERWISE}\n${output}`,
      );
    }
    try {
      renameSync(copied, jars);
    } catch (error) {
      // Another start was faster.
      if (!existsSync(jars)) throw error;
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new StartFailure(
      `Kafka's jars come through Maven, and there is no \`mvn\` on the PATH: install Maven ` +
        `(Debian: \`apt install maven\`, macOS: \`brew install maven\`), ${OTHERWISE}`,
    );
  } finally {
    rmSync(copied, { recursive: true, force: true });
  }
  return classPath;
}
