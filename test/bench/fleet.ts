import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { folders, readConfig } from '../../src/config.ts';
import { closeHouse, type House, openHouse } from '../../src/house.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { decide } from '../../src/readings/decide.ts';
import { flush } from '../../src/readings/flush.ts';
import { microKwh } from '../../src/units/energy.ts';
import { instant, secondsPerDay } from '../../src/units/time.ts';

/** What a fleet's day weighs; every figure in bytes is per reading. */
export interface FleetResult {
  readings: number;
  decidedPerSecond: number;
  heapBytes: number;
  residentBytes: number;
  journalBytes: number;
  databaseBytes: number;
  flushMs: number;
  /** The longest time nobody else was served while it flushed. */
  blockedMs: number;
}

const slotsPerDay = 48;

export function openBenchHouse(home: string): House {
  return openHouse({
    config: readConfig({ WATTLEDGER_HOME: home }),
    clock: systemClock,
    log: createLog('silent'),
    onStorageFailure: error => {
      throw error;
    },
  });
}

/** Takes in a day of every meter of the home, wave after wave, in the order in which a fleet sends. */
async function takeDay(house: House, daysAgo = 1): Promise<number> {
  const series = house.meterPoints.allSeries.list();
  const source = house.sources.idOf('import', 'bench');
  const midnight = (Math.floor(systemClock.now() / 1000 / secondsPerDay) - daysAgo) * secondsPerDay;
  const now = Math.floor(systemClock.now() / 1000);
  for (let slot = 0; slot < slotsPerDay; slot++) {
    for (const each of series) {
      const value = microKwh((100 + ((each.id * 7 + slot * 13) % 900)) * 1000);
      const at = instant(midnight + slot * 1800);
      const reading = { at, value, minutes: 30, quality: 'actual' as const, source, line: 0, versionAt: 0 };
      decide(house, each, reading, now);
    }
    await house.journal.durable();
  }
  return series.length * slotsPerDay;
}

async function weigh(house: House): Promise<FleetResult> {
  const { data, logs } = folders(house.config.home);
  globalThis.gc!();
  const before = process.memoryUsage();
  const databaseBefore = folderBytes(data);
  const begun = performance.now();
  const readings = await takeDay(house);
  const seconds = (performance.now() - begun) / 1000;
  globalThis.gc!();
  const after = process.memoryUsage();
  const { flushMs, blockedMs } = await timeFlush(house);
  house.database.pragma('wal_checkpoint(TRUNCATE)');
  return {
    readings,
    decidedPerSecond: readings / seconds,
    // arrayBuffers are part of external.
    heapBytes: (after.heapUsed + after.external - before.heapUsed - before.external) / readings,
    residentBytes: (after.rss - before.rss) / readings,
    journalBytes: folderBytes(logs) / readings,
    databaseBytes: (folderBytes(data) - databaseBefore) / readings,
    flushMs,
    blockedMs,
  };
}

async function timeFlush(house: House): Promise<{ flushMs: number; blockedMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // Its first tick only sets the watch.
  await new Promise(resolve => setTimeout(resolve, 20));
  const begun = performance.now();
  await flush({ ...house, zone: house.config.zone });
  const flushMs = performance.now() - begun;
  // The delay is only seen by the next tick of its timer.
  await new Promise(resolve => setTimeout(resolve, 50));
  delay.disable();
  return { flushMs, blockedMs: delay.max / 1e6 };
}

function folderBytes(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

if (import.meta.main) {
  const [home, then, days = '1'] = process.argv.slice(2);
  const house = openBenchHouse(home!);
  if (then === 'kill') {
    for (let daysAgo = Number(days); daysAgo > 0; daysAgo--) await takeDay(house, daysAgo);
    process.kill(process.pid, 'SIGKILL');
  } else {
    const result = await weigh(house);
    await closeHouse(house);
    process.stdout.write(JSON.stringify(result));
  }
}
