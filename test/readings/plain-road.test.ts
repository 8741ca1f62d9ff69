import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { closeHouse, type House, openHouse } from '../../src/house.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { flush } from '../../src/readings/flush.ts';
import type { PlainReading } from '../../src/readings/plain-reading.ts';
import { PlainRoad } from '../../src/readings/plain-road.ts';
import { notableOf, postBatch } from '../../src/readings/post-batch.ts';
import { postReadings } from '../../src/readings/post-readings.ts';
import { NdjsonReader } from '../../src/readings/read-batch.ts';
import { microKwh } from '../../src/units/energy.ts';
import { formatUtc, instant, parseZone } from '../../src/units/time.ts';
import { facts } from '../consumption/register-map-fixture.ts';
import { testFolder } from '../open-house.ts';
import { contents } from './books.ts';

const at = '2026-11-21T10:10:00Z';
const midnight = Date.parse('2026-11-12T00:00:00Z') / 1000;

// Few meters, instants and values, so that readings meet each other in every way there is.
const places = [
  ['c-1', undefined],
  ['c-1', 'E1'],
  ['c-2', undefined],
  ['hour', undefined],
  ['two', 'E1'],
  ['two', 'B1'],
  ['two', undefined],
  ['m-1', undefined],
  ['dial', undefined],
  ['new', undefined],
  ['nobody', undefined],
] as const;
const isRegister = (meterPoint: string) => meterPoint === 'm-1' || meterPoint === 'dial';
const value = fc.constantFrom(0, 500_000, 500_000, 700_000, 900_001, 99_999_000_000, 20_000_000);
const quality = fc.constantFrom('actual', 'actual', 'actual', 'estimated', 'final');

// From where the part before it ended, a little back or ahead of it.
const jitter = fc.constantFrom(0, 0, 0, 1, 2, -1, -8);
const parts = fc.oneof(
  fc.record({ jitter, quality, one: fc.constantFrom(...places), quarters: fc.integer({ min: -2, max: 8 }), value }),
  fc.record({ jitter, quality, many: fc.shuffledSubarray([...places], { minLength: 3 }), value }),
  fc.record({ jitter, quality, many: fc.shuffledSubarray([...places], { minLength: 3 }), value }),
  fc.record({ jitter, quality, one: fc.constantFrom(...places), values: fc.array(value, { maxLength: 30 }) }),
);
const batches = fc.array(fc.array(parts, { maxLength: 8 }), { minLength: 2, maxLength: 8 });

function readingsOf(drawn: typeof batches extends fc.Arbitrary<infer B> ? B : never): PlainReading[][] {
  let slot = 50;
  return drawn.map(each =>
    each.flatMap(part => {
      const from = midnight + (slot + part.jitter) * 1800;
      slot += part.jitter + 1;
      if ('many' in part) return part.many.map(place => readingOf(place, from, part.value + slot, part.quality));
      if ('quarters' in part) return [readingOf(part.one, from + part.quarters * 900, part.value + slot, part.quality)];
      slot += part.values.length;
      return part.values.map((each, at) => readingOf(part.one, from + at * 1800, each + slot + at, part.quality));
    }),
  );
}

function readingOf([meterPoint, code]: (typeof places)[number], at: number, energy: number, of: string): PlainReading {
  const kind = isRegister(meterPoint) ? 'register' : 'channel';
  return { meterPoint, kind, code, at: instant(at), value: microKwh(energy), quality: of as PlainReading['quality'] };
}

function lineOf({ meterPoint, kind, code, at, value: micro, quality: of }: PlainReading): string {
  const text = (micro / 1e6).toFixed(6);
  const [time, energy] = kind === 'channel' ? ['start', 'energy'] : ['at', 'value'];
  return JSON.stringify({
    meterPoint,
    [time]: formatUtc(at),
    [energy]: text,
    ...(code && { [kind]: code }),
    quality: of,
  });
}

function furnish(house: House): void {
  const channel = { kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 } as const;
  const add = (identifier: string, series: Parameters<typeof house.meterPoints.addWithSeries>[1]) =>
    house.meterPoints.addWithSeries(
      { identifier, address: '', zone: parseZone('Australia/Lord_Howe')!, origin: 'registered' },
      series,
      0,
    );
  for (const identifier of ['c-1', 'c-2']) add(identifier, [channel]);
  add('hour', [{ ...channel, intervalMinutes: 60 }]);
  add('two', [channel, { ...channel, code: 'B1', flow: 'to-grid' }]);
  for (const identifier of ['m-1', 'dial', 'new']) add(identifier, []);
  const [dial] = [house.meterPoints.find('dial')!].map(({ id }) =>
    house.meterPoints.addSeries(
      {
        meterPointId: id,
        serial: '',
        kind: 'register',
        code: '1',
        flow: 'from-grid',
        unit: 'kWh',
        intervalMinutes: 30,
      },
      0,
    ),
  );
  house.meterPoints.addRegisterFacts(dial!, facts(0, { digits: 5 }), 0);
}

function open(home: string): House {
  return openHouse({
    config: readConfig({ WATTLEDGER_HOME: home }),
    clock: new StoppedClock(at),
    log: createLog('silent'),
    onStorageFailure: error => expect.fail(error.message),
  });
}

function contentsOf(house: House) {
  const ids = house.meterPoints.listAllSeries().map(({ id }) => id);
  const flags = ids.map(id => house.flags.listOf(id, instant(0), instant(1e10)));
  return { series: contents(house.index, ids), flags, tally: { ...house.tally } };
}

/** As a power cut leaves it: what is on disk, and nobody closed anything. */
function copyOf(house: House): string {
  const copy = testFolder();
  cpSync(house.config.home, copy, { recursive: true });
  return copy;
}

function journalLines(home: string, letter: string): number {
  const folder = join(home, 'logs');
  const text = readdirSync(folder).map(name => readFileSync(join(folder, name), 'latin1'));
  return text.join('').split(`\n${letter} `).length - 1;
}

describe('a batch on the plain road', () => {
  it('gives the verdicts and leaves what its readings do one by one: index, history, flags, and what is recovered', async () => {
    let [waves, runs, singles] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(batches, fc.nat(8), async (drawn, flushAfter) => {
        const all = readingsOf(drawn);
        const [quick, careful] = [open(testFolder()), open(testFolder())];
        for (const house of [quick, careful]) furnish(house);
        const road = new PlainRoad(quick);
        for (const [number, readings] of [...all, ...all.slice(-2)].entries()) {
          const reader = new NdjsonReader(road.names);
          reader.take(Buffer.from(readings.map(lineOf).join('\n')));
          const one = await postBatch(quick, road, reader.end(), 1);
          expect(one).toEqual(notableOf(await postReadings(careful, readings, 1)));
          if (number === flushAfter)
            for (const house of [quick, careful]) await flush({ ...house, zone: house.config.zone });
        }
        expect(contentsOf(quick)).toEqual(contentsOf(careful));
        const homes = [copyOf(quick), copyOf(careful)] as const;
        const [quickAgain, carefulAgain] = [open(homes[0]), open(homes[1])];
        expect(quickAgain.recovery.readings).toBe(carefulAgain.recovery.readings);
        expect(contentsOf(quickAgain).series).toEqual(contentsOf(carefulAgain).series);
        waves += journalLines(homes[0], 'm');
        runs += journalLines(homes[0], 'r');
        singles += journalLines(homes[0], 'v');
        for (const each of [quick, careful, quickAgain, carefulAgain]) await closeHouse(each, { archives: false });
      }),
      { numRuns: 15 },
    );
    // Or else one of the roads was hardly taken.
    expect(Math.min(waves, runs, singles)).toBeGreaterThan(4);
  }, 60_000);
});
