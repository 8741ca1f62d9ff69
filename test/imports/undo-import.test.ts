import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImportUndoStore } from '../../src/imports/import-undo-store.ts';
import { undoImport } from '../../src/imports/undo-import.ts';
import { decide } from '../../src/readings/decide.ts';
import { flush } from '../../src/readings/flush.ts';
import { NotedEnds } from '../../src/safekeeping/noted-ends.ts';
import { verifyJournal } from '../../src/safekeeping/verify-journal.ts';
import { verifyStore } from '../../src/safekeeping/verify-store.ts';
import { instant, parseInstant } from '../../src/units/time.ts';
import { type TestHouse, testFolder, testHouse } from '../open-house.ts';
import { readingAt } from '../readings/books.ts';
import { d0010File } from '../trade-files.ts';
import { makeZip } from './make-zip.ts';

const nmi = '6001000017';

interface DayRow {
  day: number;
  values: number[];
  quality: string;
  stamp: number;
  length: number;
}

/** A NEM12 file of days in October 2026, three intervals a day or one. */
function nem12(rows: DayRow[]): string {
  const lines = rows.flatMap(({ day, values, quality, stamp, length }) => [
    `200,${nmi},E1,1,E1,,METER1,KWH,${length},`,
    `300,202610${String(day).padStart(2, '0')},${(length === 1440 ? [6] : values).join(',')},${quality},,,202611010000${String(stamp).padStart(2, '0')},`,
  ]);
  return ['100,NEM12,202611020000,MDP,RETAILER', ...lines, '900', ''].join('\r\n');
}

/** A file of our own, a row each: "00:30 30 1 conflict" is half an hour with a version, which waits for a decision. */
function ownFile(rows: string[]): string {
  const header =
    'meter_point,kind,code,meter,flow,unit,at,minutes,value,quality,version,method,reason_code,reason_text';
  const lines = rows.map(each => {
    const [time, minutes, version, status = ''] = each.split(' ');
    const stamp = version ? `2026-11-01T00:00:0${version}Z` : '';
    return `${nmi},channel,E1,,from-grid,kWh,2026-10-01T${time}:00Z,${minutes},${minutes},actual,${stamp},,,,${status}`;
  });
  return [`${header},status`, ...lines, ''].join('\r\n');
}

const row = (day: number, values: number[], stamp = 0, quality = 'A'): DayRow => ({
  ...{ day, values, quality, stamp, length: 480 },
});

async function take({ house }: TestHouse, content: string | Uint8Array) {
  const kept = await house.importQueue.keep(
    (async function* () {
      yield Buffer.from(content);
    })(),
    { dryRun: false },
  );
  const order = { ...kept, name: 'a file', strict: false, importedBy: 'test', profile: '', meterPoint: '' };
  return house.importQueue.settled(house.importQueue.order(order).id);
}

function current({ house }: TestHouse) {
  return house.meterPoints.allSeries.list().flatMap(({ id, code }) =>
    house.index.list(id, instant(0), instant(1e10)).map(({ at, value, quality, minutes, versionAt, line }) => ({
      code,
      at,
      value,
      quality,
      minutes,
      versionAt,
      line,
    })),
  );
}

/** One interval for the whole day. */
const whole = (day: number, stamp = 0): DayRow => ({ ...row(day, [], stamp), length: 1440 });

/** The readings of a house in which the file at `undone` came and was taken back, and of one to which it never came. */
async function afterUndo(all: readonly string[], undone: number, reopened: boolean) {
  const [home, other] = [testFolder(), await testHouse()];
  let test = await testHouse({ home });
  try {
    const ids: number[] = [];
    for (const file of all) {
      ids.push((await take(test, file)).id);
      test.clock.advance(60_000);
    }
    await test.house.importUndos.undo(ids[undone]!, 'test');
    if (reopened) {
      await test.close();
      test = await testHouse({ home });
    }
    for (const [at, file] of all.entries()) if (at !== undone) await take(other, file);
    const left = current(test);
    await flush({ ...test.house, zone: test.house.config.zone });
    await verifyJournal(join(home, 'logs'), test.house.store, await NotedEnds.of(test.house.store));
    return { left, alone: current(other) };
  } finally {
    // At once: a property that fails is tried again hundreds of times, and each house holds megabytes.
    await Promise.all([test.close(), other.close()]);
    rmSync(home, { recursive: true, force: true });
  }
}

const files = fc.array(
  fc
    .array(
      fc.record({
        day: fc.integer({ min: 1, max: 3 }),
        values: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 }),
        quality: fc.constantFrom('A', 'A', 'E52'),
        stamp: fc.integer({ min: 0, max: 2 }),
        length: fc.constantFrom(480, 480, 480, 1440),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map(nem12),
  { minLength: 2, maxLength: 4 },
);

describe('undoing an import', () => {
  it('leaves the readings as the other files alone leave them, in whatever order files that overlap came', async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.nat(), fc.boolean(), async (all, which, reopened) => {
        const undone = which % all.length;
        const { left, alone } = await afterUndo(all, undone, reopened);
        expect(left).toEqual(alone);
      }),
      // A failure is told with as small an example as there is time for.
      { numRuns: 40, interruptAfterTimeLimit: 120_000 },
    );
  });

  // What the property found, by what went wrong.
  it.each<[what: string, files: DayRow[][], undone: number]>([
    [
      'what stands beside an interval that covers it stays beside when another value there goes',
      [[whole(2), row(2, [1, 1, 1]), row(1, [1, 1, 1])], [row(2, [1, 1, 2])], [row(1, [1, 1, 1])]],
      1,
    ],
    [
      'a newer interval over several does not count beside them, before an undo or after',
      [[row(2, [1, 1, 1]), whole(2, 1), row(1, [1, 1, 1])], [row(1, [1, 1, 1])], [row(2, [1, 1, 1], 1)]],
      2,
    ],
    ['shorter intervals that an undone longer one covered count when it goes', [[whole(2)], [row(2, [1, 2, 3])]], 0],
  ])('%s', async (_what, all, undone) => {
    const { left, alone } = await afterUndo(all.map(nem12), undone, false);
    expect(left).toEqual(alone);
    const minutes = left.filter(({ at }) => at >= left.at(-1)!.at - 86_400).map(each => each.minutes);
    expect(minutes.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(2 * 1440);
  });

  it.each<[what: string, files: string[][], undone: number]>([
    [
      'an hour counts again whose other half came when a newer half-hour had its place',
      [['00:00 60 '], ['00:00 30 1'], ['00:30 30 ']],
      1,
    ],
    [
      'an hour counts again whose other half had waited until a newer half-hour had its place',
      [['00:00 60 ', '00:30 30 '], ['00:00 30 1']],
      1,
    ],
    [
      'what waited for a decision waits, however new it is',
      [['00:00 60 '], ['00:00 30 1 conflict'], ['00:00 15 2']],
      2,
    ],
  ])('%s', async (_what, all, undone) => {
    const { left, alone } = await afterUndo(all.map(ownFile), undone, false);
    expect(left).toEqual(alone);
    expect(left).toMatchObject([{ minutes: 60, value: 60e6 }]);
  });

  it('lets what meters posted come back where a longer interval of the file covered it', async () => {
    const test = await testHouse();
    const { house } = test;
    const { id } = await take(test, nem12([whole(1)]));
    const [series] = house.meterPoints.allSeries.list();
    const midnight = parseInstant('2026-10-01T00:00:00+10:00', house.config.zone)!;
    const meter = { minutes: 480, source: house.sources.idOf('api-key', 'a meter') };
    const now = Math.floor(test.clock.now() / 1000);
    for (const slot of [1, 2]) {
      const { outcome } = decide(house, series!, readingAt(midnight + slot * 28_800, 4e6, meter), now);
      expect(outcome).toBe('conflict');
    }
    await house.importUndos.undo(id, 'test');
    expect(current(test).map(({ at, value }) => [at - midnight, value])).toEqual([
      [28_800, 4e6],
      [57_600, 4e6],
    ]);
  });

  it('says first what would happen, keeps what went in the history, says so at the run, and the file can come again', async () => {
    const test = await testHouse();
    const first = await take(test, nem12([row(1, [1, 1, 1], 1)]));
    test.clock.advance(60_000);
    const second = await take(test, nem12([row(1, [2, 2, 1], 2), row(2, [5, 5, 5], 2)]));
    expect(second.report?.counts).toMatchObject({ new: 3, revised: 2, identical: 1 });
    const before = current(test);
    const post = (url: string) =>
      test.app.inject({ method: 'POST', url, headers: { authorization: test.authorization() } });
    const preview = await post(`/v1/imports/${second.id}/undo?dry_run=true`);
    expect(preview.json()).toMatchObject({ dryRun: true, gone: 3, returned: 3, beside: 0, billed: [], readAgain: [] });
    expect(current(test)).toEqual(before);
    test.clock.advance(60_000);
    expect((await post(`/v1/imports/${second.id}/undo`)).json()).toMatchObject({ gone: 3, returned: 3 });
    expect(current(test).map(({ value }) => value)).toEqual([1e6, 1e6, 1e6]);
    const { id } = test.house.meterPoints.allSeries.list()[0]!;
    const history = test.house.index.listHistory(id, instant(0), instant(1e10));
    expect(history.filter(({ outcome }) => outcome === 'withdrawn')).toHaveLength(6);
    expect(test.house.index.listVersions(id, instant(0), instant(1e10))).toEqual([]);
    expect(test.house.imports.get(second.id)).toMatchObject({ undoneBy: expect.stringContaining('key:') });
    expect((await post(`/v1/imports/${second.id}/undo`)).json()).toMatchObject({ code: 'import-undone' });
    expect((await post('/v1/imports/-1/undo')).json()).toMatchObject({ code: 'import-unknown' });
    expect(test.house.access.audit.list({ search: 'import.undo', limit: 9 })).toMatchObject([
      { action: 'import.undo', subject: `import:${second.id}` },
    ]);
    const again = await take(test, nem12([row(1, [2, 2, 1], 2), row(2, [5, 5, 5], 2)]));
    expect(again.report).toMatchObject({ counts: { new: 3, revised: 2, identical: 1 } });
    expect(again.report?.importedBefore).toBeUndefined();
    expect(current(test)).toEqual(before);
    expect(first.id).toBe(1);
  });

  it('that was ordered when the process ended is done by the next one, and nothing that verify looks at is missing', async () => {
    const test = await testHouse();
    const { house } = test;
    await take(test, nem12([row(1, [1, 1, 1], 1)]));
    const { id } = await take(test, nem12([row(1, [2, 2, 2], 2)]));
    new ImportUndoStore(house.database).order(id, 'test', 1);
    expect(house.importUndos.find(id)).toMatchObject({ by: 'test', report: undefined });
    house.importUndos.start();
    await expect.poll(() => house.importUndos.find(id)?.report).toMatchObject({ returned: 3 });
    expect(current(test).map(({ value }) => value)).toEqual([1e6, 1e6, 1e6]);
    await flush({ ...house, zone: house.config.zone });
    expect(await verifyJournal(join(test.home, 'logs'), house.store, await NotedEnds.of(house.store))).toContain(
      '6 readings',
    );
    expect(await verifyStore(house)).toContain('3 readings');
  });

  it('reports what two attempts did together, when the process ended between them', async () => {
    const test = await testHouse();
    const { house } = test;
    await take(test, nem12([row(1, [1, 1, 1], 1)]));
    const file = nem12([row(1, [2, 2, 1], 2), row(2, [5, 5, 5], 2)]);
    const { id } = await take(test, `${file}${file.replaceAll(nmi, '6001000025')}`);
    await take(test, nem12([row(2, [6, 6, 6], 2)]));
    const deps = { ...house, zone: house.config.zone, listBilled: () => [] };
    const run = house.imports.get(id);
    const expected = await undoImport(deps, run, { dryRun: true });
    expect(expected).toMatchObject({ gone: 6, returned: 6 });
    test.clock.advance(60_000);
    const orderedAt = Math.floor(test.clock.now() / 1000);
    // It ends after the first of the two meter points.
    const first = await undoImport(deps, run, { dryRun: false, signal: AbortSignal.abort() });
    expect(first.gone + first.returned).toBeLessThan(12);
    test.clock.advance(60_000);
    expect(await undoImport(deps, run, { dryRun: false, before: { orderedAt, withdrawn: undefined } })).toEqual(
      expected,
    );
  });

  it('reads later files again that met its readings', async () => {
    const test = await testHouse({ at: '2026-11-21T10:10:00Z' });
    const wrong = await take(test, nem12([row(1, [9, 9, 9])]));
    const right = await take(test, nem12([row(1, [9, 1, 1])]));
    expect(right.report?.counts).toMatchObject({ identical: 1, conflicting: 2 });
    const { report } = await test.house.importUndos.undo(wrong.id, 'test');
    expect(report).toMatchObject({ readAgain: [right.id] });
    expect(current(test).map(({ value }) => value)).toEqual([9e6, 1e6, 1e6]);
  });

  it('reads later files again of which everything was rejected for its readings, and none that no format knew', async () => {
    const test = await testHouse({ at: '2026-11-21T10:10:00Z' });
    const wrong = await take(test, d0010File('200.0'));
    const workbook = await take(test, Buffer.from('d0cf11e0a1b11ae1', 'hex'));
    const pictures = await take(test, makeZip([{ name: 'a.png', content: Buffer.from('89504e470d0a1a0a', 'hex') }]));
    for (const { report } of [workbook, pictures])
      expect(report).toMatchObject({ format: 'unknown', counts: { rejected: 1 } });
    const torn = await take(test, makeZip([{ name: 'a.uff', content: d0010File('1.0') }]).subarray(0, 60));
    // Its register would count down behind what the wrong one says.
    const right = await take(test, d0010File('200.0', '150.0').replace(/^030.*200\.0.*\r\n/m, ''));
    expect(right.report?.counts).toMatchObject({ new: 0, rejected: 1 });
    const { importUndos } = test.house;
    expect([torn.report?.format ?? torn.state, (await importUndos.preview(wrong.id)).readAgain]).toEqual([
      'failed',
      [right.id],
    ]);
    expect((await importUndos.undo(wrong.id, 'test')).report).toMatchObject({ readAgain: [right.id] });
    expect(current(test).map(({ value }) => value)).toEqual([150e6]);
  });

  it('lets what meters posted beside become current, and leaves what an issued invoice covers', async () => {
    const test = await testHouse();
    const { house } = test;
    const file = await take(test, nem12([row(1, [9, 9, 9]), row(2, [9, 9, 9])]));
    const series = house.meterPoints.allSeries.list()[0]!;
    const second = { minutes: 480, source: house.sources.idOf('api-key', 'a meter') };
    const [first, third] = [
      parseInstant('2026-10-01T00:00:00+10:00', house.config.zone)!,
      parseInstant('2026-10-02T00:00:00+10:00', house.config.zone)!,
    ];
    const now = Math.floor(test.clock.now() / 1000);
    for (const at of [first, third])
      expect(decide(house, series, readingAt(at, 4e6, second), now).outcome).toBe('older');
    const listBilled = () => [{ invoice: 'WL-1', from: third, to: instant(third + 86_400) }];
    const report = await undoImport({ ...house, zone: house.config.zone, listBilled }, file, { dryRun: false });
    expect(report).toMatchObject({ gone: 2, returned: 1, billed: [{ code: 'E1', invoice: 'WL-1', readings: 3 }] });
    expect(current(test).map(({ value }) => value / 1e6)).toEqual([4, 9, 9, 9]);
  });
});
