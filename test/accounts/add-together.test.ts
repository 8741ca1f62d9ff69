import { join } from 'node:path';
import { expect, it } from 'vitest';
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
