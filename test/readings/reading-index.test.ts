import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { compact } from '../../src/readings/compact.ts';
import { decide } from '../../src/readings/decide.ts';
import type { ReadingVersion } from '../../src/readings/decided-reading.ts';
import { flush } from '../../src/readings/flush.ts';
import { type Quality, qualities, type Reading } from '../../src/readings/reading.ts';
import { type Instant, instant, type Zone } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';
import { type Books, midnight, openBooks, readingAt } from './books.ts';

const clockAt = '2026-11-21T12:00:00Z';
const now = Date.parse(clockAt) / 1000;
const anySeries = { meterPointId: 1, serial: '', code: '1', flow: 'none' as const, unit: 'kWh', intervalMinutes: 30 };
const series = {
  1: { ...anySeries, id: 1, kind: 'register' as const },
  2: { ...anySeries, id: 2, kind: 'channel' as const },
};
// More by hand: FLUSH_RUNS=2000.
const runs = Number(process.env['FLUSH_RUNS'] ?? 40);
type SeriesId = keyof typeof series;

/** What the index must say, as a Map and the rules in words: nothing shared with the code it is held against. */
class Model {
  readonly current = new Map<string, Reading>();
  readonly versions: { id: SeriesId; reading: Reading; outcome: ReadingVersion['outcome'] }[] = [];

  list(id: SeriesId, from: number, to: number): Reading[] {
    return [...this.current]
      .filter(([key, { at }]) => key.startsWith(`${id} `) && at >= from && at < to)
      .map(([, reading]) => reading)
      .sort((a, b) => a.at - b.at);
  }

  put(id: SeriesId, reading: Reading): string {
    const key = `${id} ${reading.at}`;
    const existing = this.current.get(key);
    if (existing) return this.#again(id, key, existing, reading);
    const before = this.list(id, 0, reading.at).at(-1);
    const after = this.list(id, reading.at + 1, 1e10)[0];
    if (id === 1) {
      if ((before && before.value > reading.value) || (after && after.value < reading.value))
        return 'reading-goes-backwards';
    } else if ((before && before.at + 1800 > reading.at) || (after && reading.at + 1800 > after.at)) {
      return this.#keep(id, reading, 'conflict');
    }
    this.current.set(key, reading);
    return 'accepted';
  }

  #again(id: SeriesId, key: string, existing: Reading, reading: Reading): string {
    const estimated = ({ quality }: Reading) => ['deemed', 'estimated', 'substituted'].includes(quality);
    const same = existing.value === reading.value;
    if (same && reading.versionAt <= existing.versionAt) return 'duplicate';
    if (same && reading.quality === existing.quality) {
      this.versions.push({ id, reading: existing, outcome: 'superseded' });
      this.current.set(key, reading);
      return 'confirmed';
    }
    const newer = reading.versionAt > existing.versionAt;
    const better = reading.versionAt === existing.versionAt && estimated(existing) && !estimated(reading);
    if (newer || better) {
      this.versions.push({ id, reading: existing, outcome: 'superseded' });
      this.current.set(key, reading);
      return 'revised';
    }
    return this.#keep(id, reading, reading.versionAt < existing.versionAt ? 'older' : 'conflict');
  }

  #keep(id: SeriesId, reading: Reading, outcome: 'conflict' | 'older'): string {
    const known = this.versions.some(
      each =>
        each.id === id &&
        each.reading.at === reading.at &&
        each.reading.value === reading.value &&
        each.reading.versionAt === reading.versionAt,
    );
    if (!known) this.versions.push({ id, reading, outcome });
    return outcome;
  }
}

interface Under {
  home: string;
  clock: StoppedClock;
  books: Books;
}

// Few instants, values and versions, so that they meet; days on both sides of what stays in memory after a flush, and of what is packed:
// -21 is the last of October.
const aDay = fc.constantFrom(-400, -22, -21, -20, -1, 0);
const aSlot = fc.nat(5);
const anInstant = fc.tuple(aDay, aSlot, fc.constantFrom(0, 0, 0, 900)).map(([day, slot, off]) => {
  return midnight + day * 86_400 + slot * 7_200 + off;
});
const aQuality = fc.constantFrom<Quality>(...qualities.filter(quality => quality !== 'missing'));
const aSeries = fc.constantFrom<SeriesId>(1, 2);

class Put implements fc.AsyncCommand<Model, Under> {
  readonly id: SeriesId;
  readonly reading: Reading;
  constructor(id: SeriesId, reading: Reading) {
    this.id = id;
    this.reading = reading;
  }
  check = () => true;
  async run(model: Model, { books }: Under): Promise<void> {
    const { kind } = series[this.id];
    const reading = { ...this.reading, minutes: kind === 'channel' ? 30 : 0 };
    const { outcome } = decide(books, series[this.id], reading, now);
    expect(outcome).toBe(model.put(this.id, reading));
    await books.journal.durable();
  }
  toString = () => `put ${this.id} ${JSON.stringify(this.reading)}`;
}

class Flush implements fc.AsyncCommand<Model, Under> {
  check = () => true;
  async run(_model: Model, { books, clock }: Under): Promise<void> {
    await flush({ ...books, clock, zone: 'UTC' as Zone });
    expect(books.index.freeze()).toEqual({ blocks: [], versions: new Map() });
    books.index.thaw();
  }
  toString = () => 'flush';
}

class Stopped extends Error {}

/** A flush one block at a time, with something else happening after each; ended there by a crash or a full disk, or not. */
class FlushMeanwhile implements fc.AsyncCommand<Model, Under> {
  readonly meanwhile: Put[];
  readonly endsAfter: number;
  readonly end: 'crash' | 'failure';
  constructor(meanwhile: Put[], endsAfter: number, end: 'crash' | 'failure') {
    this.meanwhile = meanwhile;
    this.endsAfter = endsAfter;
    this.end = end;
  }
  check = () => true;
  async run(model: Model, under: Under): Promise<void> {
    let slices = 0;
    const pause = async () => {
      await this.meanwhile[slices]?.run(model, under);
      await askAll(model, under);
      if (slices++ === this.endsAfter) throw new Stopped();
    };
    try {
      await flush({ ...under.books, clock: under.clock, zone: 'UTC' as Zone }, { weightAtOnce: 1, pause });
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      if (this.end === 'crash') await new Reopen().run(model, under);
    }
    await askAll(model, under);
  }
  toString = () => `flush, ${this.end} after ${this.endsAfter}, meanwhile [${this.meanwhile}]`;
}

/** Packing the months that are over, one slice after the other, with something else happening after each; a crash there, or not. */
class Compact implements fc.AsyncCommand<Model, Under> {
  readonly meanwhile: Put[];
  readonly endsAfter: number;
  constructor(meanwhile: Put[], endsAfter: number) {
    this.meanwhile = meanwhile;
    this.endsAfter = endsAfter;
  }
  check = () => true;
  async run(model: Model, under: Under): Promise<void> {
    let slices = 0;
    const pause = async () => {
      await this.meanwhile[slices]?.run(model, under);
      await askAll(model, under);
      if (slices++ === this.endsAfter) throw new Stopped();
    };
    try {
      await compact({ ...under.books, clock: under.clock }, pause);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      await new Reopen().run(model, under);
    }
    await askAll(model, under);
  }
  toString = () => `compact, crash after ${this.endsAfter}, meanwhile [${this.meanwhile}]`;
}

class Reopen implements fc.AsyncCommand<Model, Under> {
  check = () => true;
  async run(_model: Model, under: Under): Promise<void> {
    await under.books.close();
    under.books = openBooks(under.home, under.clock);
  }
  toString = () => 'reopen';
}

class Ask implements fc.AsyncCommand<Model, Under> {
  readonly id: SeriesId;
  readonly from: Instant;
  readonly to: Instant;
  readonly limit: number;
  constructor(id: SeriesId, from: number, to: number, limit: number) {
    this.id = id;
    this.from = instant(from);
    this.to = instant(to);
    this.limit = limit;
  }
  check = () => true;
  async run(model: Model, { books: { index } }: Under): Promise<void> {
    const { id, from, to } = this;
    const expected = model.list(id, from, to);
    expect(index.list(id, from, to)).toEqual(expected);
    expect(index.list(id, from, to, this.limit)).toEqual(expected.slice(0, this.limit));
    const visited: [number, number][] = [];
    index.forEach(id, from, to, (at, value) => void visited.push([at, value]));
    expect(visited).toEqual(expected.map(({ at, value }) => [at, value]));
    expect(index.find(id, from)).toEqual(model.current.get(`${id} ${from}`));
    expect(index.before(id, from)).toEqual(model.list(id, 0, from).at(-1));
    expect(index.after(id, from)).toEqual(model.list(id, from + 1, 1e10)[0]);
    const versions = index.listVersions(id, from, to).map(({ reading, outcome }) => ({ id, reading, outcome }));
    const known = model.versions.filter(each => each.id === id && each.reading.at >= from && each.reading.at <= to);
    expect(sorted(versions)).toEqual(sorted(known));
    const days = model.list(id, 0, 1e10).map(({ at }) => Math.floor(at / 86_400));
    expect([...index.listDays(id)]).toEqual([...new Set(days)]);
  }
  toString = () => `ask ${this.id} ${this.from} ${this.to} ${this.limit}`;
}

async function askAll(model: Model, under: Under): Promise<void> {
  for (const id of [1, 2] as const) await new Ask(id, 0, 1e10, 1).run(model, under);
}

function sorted(versions: { reading: Reading; outcome: string }[]): string[] {
  return versions.map(({ reading, outcome }) => `${reading.at} ${JSON.stringify(reading)} ${outcome}`).sort();
}

const aPut = fc
  .tuple(aSeries, anInstant, fc.nat(4), aQuality, fc.nat(2))
  .map(([id, at, value, quality, versionAt]) => new Put(id, readingAt(at, value, { quality, versionAt })));

const commands = fc.commands(
  [
    aPut,
    aPut,
    fc
      .tuple(fc.array(aPut, { maxLength: 8 }), fc.nat(20), fc.constantFrom('crash' as const, 'failure' as const))
      .map(parts => new FlushMeanwhile(...parts)),
    fc.tuple(aSeries, anInstant, anInstant, fc.integer({ min: 1, max: 4 })).map(parts => new Ask(...parts)),
    fc.tuple(fc.array(aPut, { maxLength: 2 }), fc.nat(3)).map(parts => new Compact(...parts)),
    fc.constant(new Flush()),
    fc.constant(new Reopen()),
  ],
  { maxCommands: 40, size: 'max' },
);

describe('the reading index', () => {
  it('knows what a simple Map knows, flushed or not, in the middle of a flush, packed by month, after a crash at any slice', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async steps => {
        const clock = new StoppedClock(clockAt);
        const home = testFolder();
        const under: Under = { home, clock, books: openBooks(home, clock) };
        const model = new Model();
        try {
          await fc.asyncModelRun(() => ({ model, real: under }), steps);
          await new Reopen().run(model, under);
          await askAll(model, under);
        } finally {
          await under.books.close();
        }
      }),
      { numRuns: runs },
    );
  });

  it('lets others in between rows, however few readings are in them', async () => {
    const clock = new StoppedClock(clockAt);
    const books = openBooks(testFolder(), clock);
    for (let day = 0; day < 40; day++) decide(books, series[1], readingAt(midnight - day * 86_400, 40 - day), now);
    let pauses = 0;
    const pace = { weightAtOnce: 500, pause: async () => void pauses++ };
    expect(await flush({ ...books, clock, zone: 'UTC' as Zone }, pace)).toBe(40);
    expect(pauses).toBeGreaterThan(4);
    await books.close();
  });

  it('is flushed by one at a time', async () => {
    const clock = new StoppedClock(clockAt);
    const books = openBooks(testFolder(), clock);
    const deps = { ...books, clock, zone: 'UTC' as Zone };
    const log: string[] = [];
    const begin = (name: string) =>
      flush(deps, { weightAtOnce: 1, pause: async () => void log.push(name) }).then(blocks => `${name}: ${blocks}`);
    for (const at of [0, 1, 2]) decide(books, series[1], readingAt(midnight - at * 86_400, 9 - at), now);
    const first = begin('first');
    await books.journal.durable();
    const second = begin('second');
    decide(books, series[1], readingAt(midnight + 1, 10), now);
    expect(await Promise.all([first, second])).toEqual(['first: 3', 'second: 1']);
    expect(log).toEqual(log.toSorted());
    await books.close();
  });

  it('answers for days that a flush let go from memory', async () => {
    const clock = new StoppedClock(clockAt);
    const books = openBooks(testFolder(), clock);
    for (let day = -30; day <= 0; day++) {
      const at = midnight + day * 86_400;
      decide(books, series[2], readingAt(at, 5, { minutes: 30 }), now);
    }
    await flush({ ...books, clock, zone: 'UTC' as Zone });
    expect(books.index.find(2, instant(midnight - 30 * 86_400))?.value).toBe(5);
    expect(books.index.list(2, instant(0), instant(1e10))).toHaveLength(31);
    await books.close();
  });

  it('keeps out by a longer interval nothing that a shorter one leaves free, when it is judged anew', async () => {
    const books = openBooks(testFolder(), new StoppedClock(clockAt));
    const post = (minute: number, value: number, more: Partial<Reading>) =>
      decide(books, series[2], readingAt(midnight + minute * 60, value, { minutes: 30, ...more }), now).outcome;
    expect(post(0, Number.NaN, { quality: 'missing', minutes: 60 })).toBe('accepted');
    expect(post(0, 2, { source: 2 })).toBe('revised');
    expect(post(30, 3, {})).toBe('accepted');
    expect(post(30, 4, { source: 2, versionAt: 1 })).toBe('revised');
    expect(post(0, 1, {})).toBe('conflict');
    const [from, to] = [instant(midnight), instant(midnight + 3600)];
    books.index.withdraw({ seriesId: 2, from, to, withdrawnAt: now, undone: [2], rewound: [] });
    // The hour came first and covers the second half; the half-hour that takes its place does not.
    expect(books.index.list(2, from, to).map(({ value, minutes }) => [value, minutes])).toEqual([
      [1, 30],
      [3, 30],
    ]);
    await books.close();
  });
});
