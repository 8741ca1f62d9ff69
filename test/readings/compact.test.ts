import { describe, expect, it } from 'vitest';
import { flushHouse, type House } from '../../src/house.ts';
import { compact } from '../../src/readings/compact.ts';
import { dayNumberOf } from '../../src/readings/day-number.ts';
import { flush } from '../../src/readings/flush.ts';
import { firstDayOfMonth, monthNumberOf } from '../../src/readings/month-number.ts';
import { postReadings } from '../../src/readings/post-readings.ts';
import { ReadingColumns } from '../../src/readings/reading-columns.ts';
import { rebuildArchives } from '../../src/safekeeping/rebuild-archives.ts';
import { verify } from '../../src/safekeeping/verify.ts';
import { instant } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';
import { archiveTexts } from './archive-texts.ts';

const october = monthNumberOf(Date.UTC(2026, 9, 1) / 86_400_000);
const [from, to] = [instant(0), instant(1e10)];

/** A channel with all of October in half-hours, a register with a value a day in September and October, and a few days of November. */
async function autumn(): Promise<TestHouse> {
  const test = await testHouse({ at: '2026-11-05T12:00:00Z' });
  const { house } = test;
  for (const identifier of ['m-1', 'm-2'])
    house.meterPoints.add({ identifier, address: '', zone: house.config.zone, origin: 'registered' }, 0);
  const channel = [];
  for (let at = Date.UTC(2026, 9, 1); at < Date.UTC(2026, 10, 3); at += 1_800_000)
    channel.push({ meterPoint: 'm-1', start: new Date(at).toISOString(), energy: '0.25', quality: qualityAt(at) });
  const register = [];
  for (let day = 0; day < 60; day++)
    register.push({
      meterPoint: 'm-2',
      at: new Date(Date.UTC(2026, 8, 2 + day)).toISOString(),
      value: String(1000 + day),
    });
  for (const items of [channel, register]) {
    const verdicts = await postReadings(house, items, 1);
    expect(verdicts.filter(({ verdict }) => verdict !== 'accepted')).toEqual([]);
  }
  await flushHouse(house);
  return test;
}

const qualityAt = (at: number) => (at === Date.UTC(2026, 9, 20, 10) ? ('estimated' as const) : ('actual' as const));
const pack = ({ house, clock }: TestHouse) => compact({ store: house.store, clock });
const seriesOf = (house: House) => house.meterPoints.allSeries.list().map(({ id }) => id);
/** What is read on from one day to the next: over three months, over two, inside one, from and to the middle of days. */
const walks = (
  [
    ['2026-09-20T07:00Z', '2026-11-02T03:00Z'],
    ['2026-09-30T09:30Z', '2026-10-31T09:30Z'],
    ['2026-10-09T00:30Z', '2026-10-20T10:30Z'],
    ['2026-10-30T00:00Z', '2026-11-05T00:00Z'],
  ] as const
).map(ends => ends.map(end => instant(Date.parse(end) / 1000)));
function walked({ index }: House, seriesId: number) {
  return walks.map(([begin, end]) => {
    const [visited, columns]: [unknown[], ReadingColumns] = [[], new ReadingColumns()];
    index.forEach(seriesId, begin!, end!, (...reading) => void visited.push(reading));
    index.readInto(columns, seriesId, begin!, end!);
    const { at, value, origin, count } = columns;
    expect(Array.from({ length: count }, (_, i) => [at[i], value[i], origin[i]])).toEqual(visited);
    expect(visited.length).toBe(index.list(seriesId, begin!, end!).length);
    return index.listKnown(seriesId, begin!, end!);
  });
}
const answers = ({ house }: TestHouse) => ({
  walked: seriesOf(house).map(id => walked(house, id)),
  readings: seriesOf(house).map(id => house.index.list(id, from, to)),
  days: seriesOf(house).map(id => house.store.listDays(id)),
  count: house.store.countReadings(),
});
const rows = ({ house: { database } }: TestHouse) => ({
  days: database.prepare('SELECT count(*) FROM reading_day').pluck().get(),
  months: database.prepare('SELECT count(*) FROM reading_month').pluck().get(),
});

describe('packing months', () => {
  it('takes the months that are over and leaves the running one, and no answer changes, nor an archive', async () => {
    const test = await autumn();
    const [before, archives] = [answers(test), archiveTexts(test.home)];
    expect(await pack(test)).toBe(3);
    // The channel has two days of November, the register none.
    expect(rows(test)).toEqual({ days: 2, months: 3 });
    expect(answers(test)).toEqual(before);
    await rebuildArchives(test.house, {});
    // With those of the month that runs.
    expect(archiveTexts(test.home)).toMatchObject(archives);
    expect((await verify(test.house)).flatMap(({ damage }) => damage ?? [])).toEqual([]);
    expect(await pack(test)).toBe(0);
    await test.close();
    const again = await testHouse({ at: '2026-11-05T12:00:00Z', home: test.home });
    expect(answers(again)).toEqual(before);
  });

  it('waits a day after the month, for readings that come over midnight', async () => {
    const test = await autumn();
    test.clock.moveTo('2026-11-01T23:59:59Z');
    expect(await pack(test)).toBe(1);
    test.clock.moveTo('2026-11-02T00:00:00Z');
    expect(await pack(test)).toBe(2);
  });

  it('leaves alone what a failed flush wrote, for the next start to undo', async () => {
    const test = await autumn();
    const { house } = test;
    await postReadings(house, [{ meterPoint: 'm-2', at: '2026-10-10T12:00:00Z', value: '1038.5' }], 1);
    const full = { weightAtOnce: 1, pause: () => Promise.reject(new Error('database or disk is full')) };
    await expect(flush({ ...house, zone: house.config.zone }, full)).rejects.toThrow('full');
    expect(await pack(test)).toBe(0);
    await flushHouse(house);
    expect(await pack(test)).toBe(3);
  });

  it('puts a late or corrected reading in front of what is packed, until the next packing takes it in', async () => {
    const test = await autumn();
    const { house } = test;
    await pack(test);
    const late = [
      { meterPoint: 'm-2', at: '2026-10-10T12:00:00Z', value: '1038.5' },
      { meterPoint: 'm-1', start: '2026-10-20T10:00:00Z', energy: '0.5', quality: 'actual' as const },
    ];
    expect((await postReadings(house, late, 1)).map(({ verdict }) => verdict)).toEqual(['accepted', 'accepted']);
    await flushHouse(house);
    expect(rows(test)).toEqual({ days: 4, months: 3 });
    const before = answers(test);
    const [totals, archives] = [house.store.listMonthTotals(october), archiveTexts(test.home)];
    expect(await pack(test)).toBe(2);
    expect(rows(test)).toEqual({ days: 2, months: 3 });
    expect(answers(test)).toEqual(before);
    expect(house.store.listMonthTotals(october)).toEqual(totals);
    expect(archives['monthly_2026-10.csv']).toContain('2026-10-10T12:00:00+00:00,1038.5,');
    expect((await verify(house)).flatMap(({ damage }) => damage ?? [])).toEqual([]);
  });

  it('keeps totals beside: energy of a channel, the count alone of a register', async () => {
    const test = await autumn();
    await pack(test);
    expect(test.house.store.listMonthTotals(october).map(({ total }) => total)).toEqual([
      { quality: 'actual', count: 31 * 48 - 1, energy: (31 * 48 - 1) * 250_000 },
      { quality: 'estimated', count: 1, energy: 250_000 },
      { quality: 'actual', count: 31, energy: null },
    ]);
    // Nothing is packed of the month that runs.
    expect(test.house.store.listMonthTotals(october + 1)).toEqual([]);
  });

  it('is held against its totals, its days and its bytes by verify', async () => {
    const test = await autumn();
    await pack(test);
    const { database } = test.house;
    const damage = async () => (await verify(test.house)).flatMap(({ damage }) => damage?.what ?? []);
    const change = async (sql: string, back: string) => {
      database.exec(sql);
      const found = await damage();
      database.exec(back);
      return found.find(what => what.includes('2026-'));
    };
    expect(
      await change(
        'UPDATE reading_month_total SET energy = energy + 1 WHERE energy IS NOT NULL',
        'UPDATE reading_month_total SET energy = energy - 1 WHERE energy IS NOT NULL',
      ),
    ).toContain('its totals are not those of its readings');
    expect(
      await change('UPDATE reading_month SET count = count + 1', 'UPDATE reading_month SET count = count - 1'),
    ).toContain('its row says');
    expect(
      await change('UPDATE reading_month SET days = days - 1', 'UPDATE reading_month SET days = days + 1'),
    ).toContain('other days');
    expect(await damage()).toEqual([]);
  });
});

describe('a month number', () => {
  it('is found from its days and back, over leap years', () => {
    for (const [day, first] of [
      ['2026-10-31', '2026-10-01'],
      ['2028-02-29', '2028-02-01'],
      ['1970-01-01', '1970-01-01'],
      ['2000-12-31', '2000-12-01'],
    ]) {
      const number = dayNumberOf(instant(Date.parse(`${day}T00:00:00Z`) / 1000));
      expect(firstDayOfMonth(monthNumberOf(number))).toBe(Date.parse(`${first}T00:00:00Z`) / 86_400_000);
    }
  });
});
