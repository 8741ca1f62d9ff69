import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { type ChannelTotal, emptyCounts, type ImportReport } from '../../src/imports/import-report.ts';
import { ImportRunStore } from '../../src/imports/import-run-store.ts';
import { openDatabase } from '../../src/kernel/database.ts';
import { testFolder } from '../open-house.ts';

function finishedRun(meters: number) {
  const database = openDatabase(join(testFolder(), 'wattledger.db'));
  onTestFinished(() => void database.close());
  const store = new ImportRunStore(database);
  const run = store.begin({ sha256: 'x', name: 'f', format: 'd0010', importedBy: 'test', strict: false }, 1);
  const meterPointsCreated = Array.from({ length: meters }, (_, at) => `12000${at}`);
  const channels: ChannelTotal[] = meterPointsCreated.map(meterPoint => ({
    ...{ meterPoint, code: 'S', meter: 'é|1', kind: 'register', unit: 'kWh' },
    ...{ readings: 1, missing: 0, sum: '', qualities: { actual: 1 } },
  }));
  // The first of four are of other kinds, so that some parts have columns that are alike and others not.
  channels.splice(0, channels.length > 3 ? 2 : 0, {
    ...{ meterPoint: 'm', code: 'E1', meter: '', kind: 'channel', unit: 'kWh', readings: 3, missing: 1, sum: '1.5' },
    qualities: { actual: 2, missing: 1 },
  });
  const report: ImportReport = {
    ...{ run, file: 'f', format: 'd0010', sha256: 'x', importedBefore: undefined, cancelled: false },
    ...{ counts: emptyCounts(), files: [], problems: [], meterPointsCreated, channels },
  };
  store.finish(report, 2);
  return { database, store, run, meterPointsCreated, channels };
}

it.each([0, 1, 4, 2000, 4001])('a report of %i registers is told again as it was', meters => {
  const { store, run, meterPointsCreated, channels } = finishedRun(meters);
  expect(store.get(run).report?.meterPointsCreated).toEqual(meterPointsCreated);
  expect(store.get(run).report?.channels).toEqual(channels);
});

it('so is one that was packed as two lines, as they were at first', () => {
  const { database, store, run, channels } = finishedRun(3);
  const packed = zstdCompressSync(`["a","b"]\n${JSON.stringify(channels)}`);
  database.prepare('UPDATE import_run SET detail = ? WHERE id = ?').run(packed, run);
  expect(store.get(run).report).toMatchObject({ meterPointsCreated: ['a', 'b'], channels });
});
