import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadResult } from './load.ts';

export interface RunningServer {
  port: number;
  /** Processor time used so far, all threads. */
  cpuSeconds: () => number;
  kill: (signal: NodeJS.Signals) => Promise<void>;
}

const bareServer = fileURLToPath(new URL('bare-server.ts', import.meta.url));
const loadClient = fileURLToPath(new URL('load.ts', import.meta.url));
const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** USER_HZ, which Linux has fixed at 100 towards programs. */
const clockTicksPerSecond = 100;

/** With `asked`, an answer of ours, it gives that to every GET. */
export function startBare(asked?: { headers: Record<string, string>; body: string }): Promise<RunningServer> {
  return start([bareServer, ...(asked ? [JSON.stringify(asked)] : [])], {});
}

/** The real server as users run it. */
export function startOurs(home: string, nodeOptions: string[] = []): Promise<RunningServer> {
  // Flushed by the benchmark's own measure only, not in the middle of another.
  const environment = { WATTLEDGER_HOME: home, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'warn', FLUSH_SECONDS: '3600' };
  return start([...nodeOptions, main, 'serve'], environment);
}

async function start(args: string[], environment: Record<string, string>): Promise<RunningServer> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await portOf(child);
  return {
    port,
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
    },
    kill: async signal => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      const match = /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
      if (match) resolve(Number(match[1]));
    });
    child.once('exit', code => reject(new Error(`a server ended with ${code} before it listened: ${said}`)));
  });
}

/** Runs the load client in a process of its own, so that it never shares a thread with what it measures. */
export function load(order: LoadOrder): Promise<LoadResult> {
  return runChild<LoadResult>([loadClient, JSON.stringify(order)]);
}

/** Runs a script that prints one JSON value; with `signal`, one that is to end by it and prints nothing. */
export async function runChild<T>(args: string[], signal?: NodeJS.Signals): Promise<T> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code, endedBy] = await once(child, 'close');
  if (signal ? endedBy !== signal : code !== 0) throw new Error(`${args.join(' ')} ended with ${code ?? endedBy}`);
  return (signal ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'))) as T;
}

/** One command of ours on a home, from its start to its end, and the most memory it was seen to hold. */
export async function runOurs(home: string, words: string[]): Promise<{ seconds: number; peakBytes: number }> {
  const begun = performance.now();
  const child = spawn(process.execPath, [main, ...words], {
    env: { ...process.env, WATTLEDGER_HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakBytes = 0;
  const watch = setInterval(() => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    peakBytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024 || peakBytes;
  }, 20);
  const [code] = await once(child, 'close');
  clearInterval(watch);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}`);
  return { seconds: (performance.now() - begun) / 1000, peakBytes };
}
