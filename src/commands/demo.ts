import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Config, folders, readConfig } from '../config.ts';
import { buildDemo, type DemoSecrets, slotSeconds } from '../demo/build-demo.ts';
import { parties, plazaZone, seller } from '../demo/plaza.ts';
import { runSimulatedMeters } from '../demo/simulated-meters.ts';
import { closeHouse, openHouse } from '../house.ts';
import { StoppedClock, systemClock } from '../kernel/clock.ts';
import { writeAtomic } from '../kernel/files.ts';
import { createLog } from '../kernel/log.ts';
import { lockHome } from '../lock-home.ts';
import { type Instant, instant, instantOfMs } from '../units/time.ts';
import { type Command, type CommandInput, type ExitCode, exitCodes } from './command.ts';

const secretsSchema = z.object({ adminPassword: z.string(), apiKey: z.string() });

export const demoCommand: Command = {
  name: 'demo',
  operands: '',
  summary: 'A made-up shopping centre with 13 months of history, then the server with simulated meters posting on.',
  optionHelp: ['--reset  start over'],
  options: { reset: { type: 'boolean' } },
  run: async input => {
    const config = demoConfig(input.environment);
    const secrets = await prepare(config, input);
    return serveDemo(config, secrets, input);
  },
};

/** The demo has a home of its own beside the real one, so that it can be thrown away. */
function demoConfig(environment: CommandInput['environment']): Config {
  const base = readConfig({ ...environment, LOG_LEVEL: environment.LOG_LEVEL ?? 'warn' });
  const home = join(folders(base.home).data, 'demo');
  const said = { ...base.said, CURRENCY: 'AUD', INVOICE_NUMBERING: 'per-account' };
  return { ...base, home, said, unsaid: { ...base.unsaid, TIME_ZONE: plazaZone }, seller };
}

async function prepare(config: Config, input: CommandInput): Promise<DemoSecrets> {
  const secretsFile = join(config.home, 'demo.json');
  const lock = await lockHome(config.home);
  try {
    if (!input.options.reset && existsSync(secretsFile))
      return secretsSchema.parse(JSON.parse(readFileSync(secretsFile, 'utf8')));
    // Half a demo, from a build that was interrupted, is no demo.
    const { data, archive, logs } = folders(config.home);
    for (const name of ['wattledger.db', 'wattledger.db-wal', 'wattledger.db-shm', 'invoices', 'outbox', 'imports']) {
      rmSync(join(data, name), { recursive: true, force: true });
    }
    for (const folder of [archive, logs, secretsFile]) rmSync(folder, { recursive: true, force: true });
    return await build(config, secretsFile, input);
  } finally {
    lock.release();
  }
}

async function build(config: Config, secretsFile: string, input: CommandInput): Promise<DemoSecrets> {
  const now = instantOfMs(systemClock.now());
  const clock = new StoppedClock(now * 1000);
  const house = openHouse({
    config,
    clock,
    log: createLog('silent'),
    onStorageFailure: error => {
      input.tell(`wattledger demo: ${error.message}`);
      process.exit(exitCodes.storage);
    },
  });
  input.tell('Building Demo Plaza: a landlord, 12 shops, solar on the roof, 13 months of half-hours.');
  try {
    const secrets = await buildDemo(house, clock, now, (share, what) =>
      input.tell(`  ${String(Math.round(share * 100)).padStart(3)} %  ${what}`),
    );
    input.tell('         writing the archives');
    await closeHouse(house);
    writeAtomic(secretsFile, JSON.stringify(secrets));
    return secrets;
  } catch (error) {
    house.database.close();
    throw error;
  }
}

async function serveDemo(
  config: Config,
  { adminPassword, apiKey }: DemoSecrets,
  input: CommandInput,
): Promise<ExitCode> {
  const log = createLog(config.logLevel);
  const ended = Promise.withResolvers<ExitCode>();
  const { serve } = await import('../serve.ts');
  const serving = await serve({
    config,
    log,
    onStorageFailure: error => {
      log.error({ err: error }, 'storage failed');
      process.exit(exitCodes.storage);
    },
  });
  for (const line of [
    '',
    'Demo Plaza is open.',
    `  Admin    ${serving.url}/admin   admin / ${adminPassword}`,
    `  API key  ${apiKey}`,
    `  Docs     ${serving.url}/docs and ${serving.url}/redoc`,
    '  Simulated meters post every half-hour. Ctrl-C stops; the next start keeps everything; --reset starts over.',
    '',
  ]) {
    input.print(line);
  }
  const meters = new AbortController();
  const { index, meterPoints, config: settled } = serving.house;
  void runSimulatedMeters(
    { url: serving.url, apiKey },
    { from: firstMissing(), zone: settled.zone },
    meters.signal,
    input.tell,
  ).catch(error => {
    if (!meters.signal.aborted)
      input.tell(`wattledger demo: ${error instanceof Error ? error.message : String(error)}`);
  });
  const stop = () => {
    meters.abort();
    void serving.stop().then(() => ended.resolve(exitCodes.ok), ended.reject);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  return ended.promise;

  /** The half-hour after the last one that every meter of the plaza sent; others may have come with a file. */
  function firstMissing(): Instant {
    const last = parties
      .flatMap(({ nmi }) => meterPoints.listSeries(meterPoints.get(nmi).id))
      .flatMap(series => index.before(series.id, instantOfMs(systemClock.now()))?.at ?? []);
    return instant(Math.min(...last) + slotSeconds);
  }
}
