import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

type Environment = Record<string, string>;

const project = join(import.meta.dirname, '..');
export const mainFile = join(project, 'src/main.js');
/** The Node that the project brings; the one that runs the tests may be another. */
export const nodeOfProject = process.versions.node.startsWith('24.')
  ? process.execPath
  : join(project, 'node_modules/.bin/node');

const children = new Set<ChildProcess>();
const homes = new Set<string>();

afterAll(async () => {
  await Promise.all([...children].map(child => ended(child, () => child.kill('SIGKILL'))));
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});
// When the test run itself is ended, afterAll does not run.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** An empty folder for WATTLEDGER_HOME, gone after the test file. */
export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'wattledger-test-'));
  homes.add(home);
  return home;
}

export interface RunningServer {
  url: string;
  pid: number;
  /** What was printed so far. */
  output: () => string;
  /** As a power switch does it: no handler runs. */
  kill9: () => Promise<void>;
  /** SIGTERM; resolves with the exit code when all is written. */
  stop: () => Promise<number | null>;
  /** Resolves with the exit code when it ends by itself. */
  ended: () => Promise<number | null>;
}

/** Starts the real process on a free port and waits until it listens; `wrapper` is a command that starts it in its own place. */
export async function startServer(
  home: string,
  environment: Environment = {},
  wrapper: string[] = [],
): Promise<RunningServer> {
  const child = start(['serve'], home, { PORT: '0', ...environment }, wrapper);
  let output = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', () => {
      const said = /wattledger listens on (\S+)\n/.exec(output);
      if (said) resolve(said[1]!);
    });
    child.once('close', code => reject(new Error(`the server ended with ${code} before it listened:\n${output}`)));
  });
  return {
    url,
    pid: child.pid!,
    output: () => output,
    kill9: async () => void (await ended(child, () => child.kill('SIGKILL'))),
    stop: () => ended(child, () => child.kill('SIGTERM')),
    ended: () => ended(child),
  };
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs one command line against a home. */
export async function cli(home: string, words: string[], environment: Environment = {}): Promise<Finished> {
  const child = start(words, home, environment);
  let [stdout, stderr] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await ended(child);
  return { code, stdout, stderr };
}

/** A key for everything, or for `scopes`, made by the CLI. */
export async function createKey(home: string, scopes = '*', environment: Environment = {}): Promise<string> {
  const { code, stdout, stderr } = await cli(
    home,
    ['key', 'create', 'test', '--scopes', scopes, '--json'],
    environment,
  );
  if (code !== 0) throw new Error(`key create ended with ${code}: ${stderr}`);
  return (JSON.parse(stdout) as { key: string }).key;
}

function start(words: string[], home: string, environment: Environment, wrapper: string[] = []): ChildProcess {
  // Nothing of the tests' own environment leaks in: a variable somebody has set must not change a test.
  const { PATH = '', TZ = '' } = process.env;
  const [program = '', ...rest] = [...wrapper, nodeOfProject, mainFile, ...words];
  const child = spawn(program, rest, {
    env: { PATH, TZ, LOG_LEVEL: 'silent', WATTLEDGER_HOME: home, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

/** Waits until the process has ended and all it wrote has been read. */
function ended(child: ChildProcess, act: () => void = () => undefined): Promise<number | null> {
  if (!children.has(child)) return Promise.resolve(child.exitCode);
  const closed = new Promise<number | null>(resolve => child.once('close', code => resolve(code)));
  act();
  return closed;
}
