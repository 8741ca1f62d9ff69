import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { createApiKey } from '../src/access/create-api-key.ts';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { closeHouse, type House, openHouse } from '../src/house.ts';
import { StoppedClock } from '../src/kernel/clock.ts';
import { createLog } from '../src/kernel/log.ts';

export interface TestHouse {
  house: House;
  app: FastifyInstance;
  clock: StoppedClock;
  home: string;
  /** "Bearer …" of a key with these scopes. */
  authorization: (scopes?: string[]) => string;
  /** Errors that would have ended the process. */
  failures: Error[];
  close: () => Promise<void>;
}

interface Options {
  at?: string;
  zone?: string;
  home?: string;
  environment?: Record<string, string>;
}

/** A folder of its own, gone after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The whole house and its HTTP in this process, with a clock that stands still until it is moved. */
export async function testHouse(options: Options = {}): Promise<TestHouse> {
  const { at = '2026-11-21T10:10:00Z', zone = 'UTC' } = options;
  const home = options.home ?? testFolder();
  const clock = new StoppedClock(at);
  const log = createLog('silent');
  const failures: Error[] = [];
  const fail = (error: Error) => void failures.push(error);
  const config = readConfig({ WATTLEDGER_HOME: home, TIME_ZONE: zone, ...options.environment });
  const house = openHouse({ config, clock, log, onStorageFailure: fail });
  const app = await createApp(house, { log, onBrokenPromise: fail });
  await app.ready();
  let closing: Promise<void> | undefined;
  // Whoever asks again waits as well: a folder that is gone before the house is closed would be missed.
  const close = () => {
    closing ??= app.close().then(() => closeHouse(house));
    return closing;
  };
  onTestFinished(close);
  const authorization = (scopes = ['*']) =>
    `Bearer ${createApiKey(house.access, { name: `test ${scopes.join(' ')}`, scopes, by: 'test' }).secret}`;
  return { house, app, clock, home, authorization, failures, close };
}
