import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { closeHouse, type House, openHouse } from '../../src/house.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { decide } from '../../src/readings/decide.ts';
import { flush } from '../../src/readings/flush.ts';
import type { PlainReading } from '../../src/readings/plain-reading.ts';
import { PlainRoad } from '../../src/readings/plain-road.ts';
import { notableOf, postBatch } from '../../src/readings/post-batch.ts';
import { postReadings } from '../../src/readings/post-readings.ts';
import { NdjsonReader } from '../../src/readings/read-batch.ts';
import { microKwh } from '../../src/units/energy.ts';
import { formatUtc, type Instant, instant, instantOfMs, parseZone } from '../../src/units/time.ts';
import { facts, kWh } from '../consumption/register-map-fixture.ts';
import { testFolder } from '../open-house.ts';
import { contents, readingAt } from './books.ts';

const at = '2026-11-21T10:10:00Z';
const midnight = Date.parse('2026-11-16T00:00:00Z') / 1000;

// Few meters, instants and values, so that readings meet each other in every way there is.
const places = [
  ['c-1', undefined],
  ['c-1', 'E1'],
  ['c-2', undefined],
  // Once it is there, no name but its own is plain at c-2.
  ['c-2', 'B1'],
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
// The last is a spike, where enough came before it.
const value: fc.Arbitrary<number> = fc.constantFrom(0, 500_000, 500_000, 500_000, 700_000, 900_001, 9_000_000);
const quality = fc.constantFrom('actual', 'actual', 'actual', 'estimated', 'final');

// From where the part before it ended, a little back or ahead of it.
const jitter: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0, 1, 2, -1, -8);
const channels = fc.constantFrom(places[0], places[1], places[2], places[5]);
const parts = fc.oneof(
  fc.record({ jitter, quality, one: fc.constantFrom(...places), quarters: fc.integer({ min: -2, max: 8 }), value }),
  fc.record({ jitter, quality, many: fc.shuffledSubarray([...places], { minLength: 3 }), value }),
  fc.record({ jitter, quality, many: fc.shuffledSubarray([...places], { minLength: 3 }), value }),
  fc.record({ jitter, quality, one: channels, values: fc.array(value, { maxLength: 60 }) }),
  fc.record({ jitter, quality, one: channels, values: fc.array(value, { minLength: 6, maxLength: 20 }) }),
  // An estimate, and what was measured.
  fc.record({ jitter, twice: fc.constantFrom(...places), value }),
  // As a file may bring it: an interval of an hour among those of half of one.
  fc.record({ jitter, hourOf: fc.constantFrom('c-1', 'c-2') }),
);
const batches = fc.array(fc.array(parts, { maxLength: 8 }), { minLength: 2, maxLength: 8 });

type Part = typeof parts extends fc.Arbitrary<infer P> ? P : never;
const sound = { jitter: 0, quality: 'actual' } as const;
const single = (place: number, energy: number, back = 0, quarters = 0): Part => ({
  ...sound,
  jitter: back,
  one: places[place]!,
  quarters,
  value: energy,
});
/** A wave of meters, and runs of two. */
const eachRoad: Part[] = [
  { ...sound, many: [places[0], places[2], places[5]], value: 500_000 },
  ...[places[0], places[2]].map(one => ({ ...sound, one, values: Array.from({ length: 8 }, () => 500_000) })),
];
/** Off the grid, of no series, of nobody, in conflict, backwards. */
const refused: Part[] = [
  single(0, 500_000, 0, 1),
  single(7, 0),
  single(11, 0),
  single(0, 500_000),
  single(0, 700_000, -1),
  single(8, 900_001),
  single(8, 0),
];

interface Hour {
  hourOf: string;
  at: Instant;
}

function readingsOf(
  drawn: typeof batches extends fc.Arbitrary<infer B> ? B : never,
  firstSlot: number,
): (PlainReading | Hour)[][] {
  let slot = firstSlot;
  return drawn.map(each =>
    each.flatMap((part): (PlainReading | Hour)[] => {
      const from = midnight + (slot + part.jitter) * 1800;
      slot += part.jitter + 1;
      if ('many' in part) return part.many.map(place => readingOf(place, from, part.value + slot, part.quality));
      if ('hourOf' in part) return [{ hourOf: part.hourOf, at: instant(from) }];
      if ('twice' in part)
        return ['estimated', 'actual'].map((of, at) => readingOf(part.twice, from, part.value + slot + at, of));
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
  house.meterPoints.addRegisterFacts(
    dial!,
    facts(midnight + 60 * 1800, { digits: 5, exchange: { finalValue: kWh(1), firstValue: kWh(0) } }),
    0,
  );
}

function open(home: string): House {
  return openHouse({
    config: readConfig({ WATTLEDGER_HOME: home }),
    clock: new StoppedClock(at),
    log: createLog('silent'),
    onStorageFailure: error => expect.fail(error.message),
  });
}

function isPosted(each: PlainReading | Hour): each is PlainReading {
  return !('hourOf' in each);
}

function decideHour(house: House, { hourOf, at: startsAt }: Hour): void {
  const [series] = house.meterPoints.listSeries(house.meterPoints.find(hourOf)!.id);
  const hour = readingAt(startsAt, 1_000_000, { minutes: 60, line: 7, source: 2 });
  decide(house, series!, hour, instantOfMs(house.clock.now()));
}

function contentsOf(house: House) {
  const ids = house.meterPoints.allSeries.list().map(({ id }) => id);
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
    const said = new Set<string>();
    await fc.assert(
      fc.asyncProperty(batches, fc.nat(8), fc.constantFrom(50, 50, 220, 300), async (drawn, flushAfter, firstSlot) => {
        const all = readingsOf(drawn, firstSlot);
        const [quick, careful] = [open(testFolder()), open(testFolder())];
        for (const house of [quick, careful]) furnish(house);
        const road = new PlainRoad(quick);
        for (const [number, readings] of [...all, ...all.slice(-2)].entries()) {
          const posted = readings.filter(isPosted);
          const reader = new NdjsonReader(road.names);
          reader.take(Buffer.from(posted.map(lineOf).join('\n')));
          const one = await postBatch(quick, road, reader.end(), 1);
          expect(one).toEqual(notableOf(await postReadings(careful, posted, 1)));
          for (const each of readings)
            if (!isPosted(each)) for (const house of [quick, careful]) decideHour(house, each);
          for (const { verdict } of one.notable) said.add('code' in verdict ? verdict.code : verdict.verdict);
          if (number === flushAfter)
            for (const house of [quick, careful]) await flush({ ...house, zone: house.config.zone });
        }
        expect(contentsOf(quick)).toEqual(contentsOf(careful));
        if (contentsOf(quick).flags.flat().length > 0) said.add('flag');
        const homes = [copyOf(quick), copyOf(careful)] as const;
        const [quickAgain, carefulAgain] = [open(homes[0]), open(homes[1])];
        expect(quickAgain.recovery.readings).toBe(carefulAgain.recovery.readings);
        expect(contentsOf(quickAgain).series).toEqual(contentsOf(carefulAgain).series);
        waves += journalLines(homes[0], 'm');
        runs += journalLines(homes[0], 'r');
        singles += journalLines(homes[0], 'v');
        for (const each of [quick, careful, quickAgain, carefulAgain]) await closeHouse(each, { archives: false });
      }),
      // What is drawn too seldom to be there in each run of twenty: a reading from the future; enough of each road, and every verdict.
      {
        numRuns: 20,
        examples: [
          [[[single(0, 0)], []], 0, 300],
          [[...Array.from({ length: 6 }, () => eachRoad), [...refused, ...refused]], 3, 50],
        ],
      },
    );
    // Or else one of the roads was hardly taken.
    expect(Math.min(waves, runs, singles)).toBeGreaterThan(4);
    const codes = ['reading-off-the-grid', 'reading-from-the-future', 'reading-goes-backwards', 'series-unknown'];
    expect([...said]).toEqual(expect.arrayContaining(['duplicate', 'conflict', 'meter-point-unknown', ...codes]));
  });

  function posting() {
    const house = open(testFolder());
    onTestFinished(() => closeHouse(house, { archives: false }));
    furnish(house);
    const road = new PlainRoad(house);
    const post = (readings: PlainReading[]) => {
      const reader = new NdjsonReader(road.names);
      reader.take(Buffer.from(readings.map(lineOf).join('\n')));
      return postBatch(house, road, reader.end(), 1);
    };
    const days = Array.from({ length: 200 }, (_, slot) =>
      readingOf(['c-1', undefined], midnight + slot * 1800, 500_000, 'actual'),
    );
    return {
      house,
      post,
      days,
      later: (slot: number, energy = 500_000) =>
        readingOf(['c-1', undefined], midnight + slot * 1800, energy, 'actual'),
    };
  }

  it('notices a spike, alone or among others, as every other road does', async () => {
    const { house, post, days, later } = posting();
    await post(days);
    expect(await post([later(200, 9_000_000)])).toMatchObject({ accepted: 1 });
    expect(await post([later(201), later(202), later(203, 9_000_000), later(204)])).toMatchObject({ accepted: 4 });
    const { id } = house.meterPoints.listSeries(house.meterPoints.find('c-1')!.id)[0]!;
    const noted = house.flags.listOf(id, instant(0), instant(1e10)).map(({ at: each }) => (each - midnight) / 1800);
    expect(noted).toEqual([200, 203]);
  });

  it('asks again where a name leads when its meter point got another channel', async () => {
    const { post, days, later } = posting();
    await post(days);
    expect(await post([later(200)])).toMatchObject({ accepted: 1 });
    await post([{ ...later(200), code: 'B1' }]);
    expect(await post([later(201)])).toMatchObject({ notable: [{ verdict: { code: 'series-unknown' } }] });
    expect(await post([{ ...later(201), code: 'E1' }])).toMatchObject({ accepted: 1 });
  });

  it('knows what comes again, as it came and mixed with what is new', async () => {
    const { house, post, days, later } = posting();
    await post(days);
    const { offset } = house.journal.position;
    expect((await post(days)).notable).toHaveLength(200);
    expect(house.journal.position.offset).toBe(offset);
    expect(await post([days[199]!, later(200), later(200, 1), days[3]!])).toMatchObject({
      accepted: 1,
      notable: [
        { index: 0, verdict: { verdict: 'duplicate' } },
        { index: 2, verdict: { verdict: 'conflict' } },
        { index: 3, verdict: { verdict: 'duplicate' } },
      ],
    });
  });

  it('takes the same energy of a longer interval for another reading, one by one and as a run', async () => {
    const { house, post, later } = posting();
    const hours = Array.from({ length: 6 }, (_, hour) => later(hour * 2, 0));
    expect(await post(hours)).toMatchObject({ accepted: 6 });
    const meterPoint = house.meterPoints.find('c-1')!;
    house.meterPoints.changeIntervals(house.meterPoints.findSeries(meterPoint.id, 'channel', 'E1')!, 60);
    const verdicts = (await post([hours[2]!])).notable.map(({ verdict }) => verdict.verdict);
    for (const { verdict } of (await post(hours)).notable) verdicts.push(verdict.verdict);
    expect(verdicts).toEqual(Array.from({ length: 7 }, () => 'conflict'));
  });

  it('writes one line for what many meters sent for an instant, in watt-hours where they are', async () => {
    const { house, post } = posting();
    const wave = (slot: number) =>
      [places[0], places[2]].map(place => readingOf(place, midnight + slot * 3600, 512_000, 'actual'));
    await post(wave(0));
    await post(wave(1));
    const now = instantOfMs(house.clock.now());
    const ids = ['c-1', 'c-2'].map(name => house.meterPoints.listSeries(house.meterPoints.find(name)!.id)[0]!.id);
    const lines = readFileSync(join(house.config.home, 'logs', 'readings-2026-11-21.log'), 'latin1').split('\n');
    expect(lines.filter(line => line.startsWith('m'))).toEqual(
      [0, 1].map(slot => `m ${midnight + slot * 3600} 30 0 1 ${now} 3 ${ids[0]} 512 ${ids[1]} 512`),
    );
  });
});
