import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MeterPointRowsStore } from '../../src/accounts/meter-point-rows-store.ts';
import { MeterPointStore } from '../../src/accounts/meter-point-store.ts';
import { openDatabase } from '../../src/kernel/database.ts';
import type { Zone } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';

const zone = 'UTC' as Zone;
const point = (identifier: string) => ({ identifier, address: '', zone, origin: 'import' as const });
const register = (meterPointId: number, code: string) => ({
  ...{ meterPointId, code, serial: 'S1', kind: 'register' as const, flow: 'from-grid' as const },
  ...{ unit: 'kWh', intervalMinutes: 30 },
});

it('finds what was there, what it makes itself, and nothing of what was taken back', () => {
  const database = openDatabase(join(testFolder(), 'a.db'));
  const store = new MeterPointStore(database);
  const old = store.add(point('m-1'), 0);
  const made = store.addTogether(() => {
    expect(store.find('m-1')).toEqual(old);
    expect(store.find('m-2')).toBeUndefined();
    const added = store.add(point('m-2'), 0);
    expect(() => store.add(point('m-2'), 0)).toThrow('exists already');
    const series = [store.addSeries(register(added.id, '01'), 0), store.addSeries(register(added.id, '02'), 0)];
    expect(store.find('m-2')).toEqual(added);
    expect(store.listSeries(added.id)).toEqual(series);
    return added;
  }, ['m-1', 'm-2', 'm-3']);
  const later = new MeterPointStore(database);
  expect(store.find('m-2')).toEqual(later.find('m-2'));
  expect(store.listSeries(made.id).map(({ code, serial }) => [code, serial])).toEqual([
    ['01', 'S1'],
    ['02', 'S1'],
  ]);
  expect(later.listSeries(made.id)).toMatchObject(store.listSeries(made.id));
  // One meter with two registers.
  expect(database.prepare('SELECT count(*) AS meters FROM meter').get()).toEqual({ meters: 1 });

  const failing = () =>
    store.addTogether(() => {
      store.addSeries(register(store.add(point('m-3'), 0).id, '01'), 0);
      throw new Error('taken back');
    }, ['m-3']);
  expect(failing).toThrow('taken back');
  expect(store.find('m-3')).toBeUndefined();
  expect(store.listSeries(store.add(point('m-3'), 0).id)).toEqual([]);
  database.close();
});

it('writes rows of unlike kinds, meters that come again and hundreds at once as if each were written by itself', () => {
  const database = openDatabase(join(testFolder(), 'b.db'));
  const store = new MeterPointStore(database);
  const known = store.add(point('known'), 0);
  store.addSeries(register(known.id, '01'), 0);
  store.addTogether(() => {
    // Of a meter that was there, of one that was not, of that again, and of none.
    store.addSeries(register(known.id, '02'), 0);
    store.addSeries({ ...register(known.id, '03'), serial: 'S2', readingType: 'I' }, 0);
    store.addSeries(register(known.id, '04'), 0);
    store.addSeries({ ...register(known.id, 'E1'), kind: 'channel', serial: '' }, 0);
    for (let at = 0; at < 450; at++) {
      const added = store.add({ ...point(`m-${at}`), address: at < 440 ? '' : `${at} High Street` }, at);
      for (const code of at % 3 === 0 ? ['01', '02'] : ['01']) store.addSeries(register(added.id, code), 0);
      if (at % 100 === 0) expect(store.getById(added.id).identifier).toBe(`m-${at}`);
    }
  }, ['known']);
  const later = new MeterPointStore(database);
  const described = (each: MeterPointStore, identifier: string) => [
    each.get(identifier),
    each.listSeries(each.get(identifier).id).map(({ id, code, kind, serial }) => [id, code, kind, serial]),
  ];
  for (const identifier of ['known', 'm-0', 'm-1', 'm-199', 'm-200', 'm-449'])
    expect(described(store, identifier)).toEqual(described(later, identifier));
  const codes = later.listSeries(known.id).map(({ code, serial }) => [code, serial]);
  expect(codes).toEqual([
    ['01', 'S1'],
    ['02', 'S1'],
    ['03', 'S2'],
    ['04', 'S1'],
    ['E1', ''],
  ]);
  const miscounted = `SELECT identifier FROM meter_point
    WHERE meter_count <> (SELECT count(*) FROM meter WHERE meter_point_id = meter_point.id)`;
  expect(database.prepare(miscounted).all()).toEqual([]);
  expect(database.prepare('SELECT count(*) AS rows, sum(meter_count) AS meters FROM meter_point').get()).toEqual({
    rows: 451,
    meters: 452,
  });
  database.close();
});

it('finds what is written behind when it is written, under the numbers it was made with', async () => {
  const database = openDatabase(join(testFolder(), 'c.db'));
  const store = new MeterPointStore(database);
  const old = store.add(point('old'), 0);
  store.addSeries(register(old.id, '01'), 0);
  const beside = new MeterPointRowsStore(database);
  const written = Promise.withResolvers<void>();
  const told: string[] = [];
  store.onAdded = identifiers => void told.push(...identifiers);
  const behind = store.addBehind(
    () => {
      const added = store.add(point('new'), 0);
      const series = [store.addSeries(register(added.id, '01'), 0), store.addSeries(register(added.id, '02'), 0)];
      // Of a meter that was there, of one that was not, and of that again.
      store.addSeries(register(old.id, '02'), 0);
      store.addSeries({ ...register(old.id, '03'), serial: 'S2' }, 0);
      store.addSeries(register(old.id, '04'), 0);
      store.addSeries({ ...register(old.id, '05'), serial: 'S2' }, 0);
      expect(store.listSeries(added.id)).toEqual(series);
      expect(store.listSeries(old.id).map(({ code }) => code)).toEqual(['01', '02', '03', '04', '05']);
      return { added, series };
    },
    ['old', 'new'],
    rows => written.promise.then(() => database.transaction(() => beside.put(structuredClone(rows)))()),
  );
  expect(store.find('new')).toBeUndefined();
  expect(store.listSeries(old.id).map(({ code }) => code)).toEqual(['01']);
  // Whoever makes one meanwhile is given other numbers.
  const other = store.add(point('other'), 0);
  expect(other.id).toBeGreaterThan(behind.made.added.id);
  expect(told).toEqual(['other']);
  written.resolve();
  await behind.written;
  expect(told).toEqual(['other', 'new']);
  const later = new MeterPointStore(database);
  for (const each of [store, later]) {
    expect(each.get('new')).toEqual(behind.made.added);
    expect(each.listSeries(behind.made.added.id)).toMatchObject(behind.made.series);
    expect(each.listSeries(old.id).map(({ code, serial }) => [code, serial])).toEqual([
      ['01', 'S1'],
      ['02', 'S1'],
      ['03', 'S2'],
      ['04', 'S1'],
      ['05', 'S2'],
    ]);
  }
  const counted = 'SELECT identifier, meter_count AS meters FROM meter_point ORDER BY id';
  expect(database.prepare(counted).all()).toEqual([
    { identifier: 'old', meters: 2 },
    { identifier: 'new', meters: 1 },
    { identifier: 'other', meters: 0 },
  ]);
  database.close();
});
