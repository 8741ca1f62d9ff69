import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { type ChannelTotal, emptyCounts, type ImportReport } from '../../src/imports/import-report.ts';
import { firstOf } from '../../src/imports/import-run.ts';
import { ImportRunStore } from '../../src/imports/import-run-store.ts';
import { channelsCsv, listChannels } from '../../src/imports/list-channels.ts';
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

it('the totals of a report come page by page and as CSV, and no more of them are unpacked than it takes', async () => {
  const { store, run, channels } = finishedRun(4001);
  const reported = store.get(run);
  const count = channels.length;
  for (const [limit, offset] of [
    [100, 0],
    [3, 1999],
    [1000, 3500],
    [10, count],
  ] as const)
    expect(await listChannels(reported, limit, offset)).toEqual({
      data: channels.slice(offset, offset + limit),
      total: count,
    });
  let steps = 0;
  const counted = (function* () {
    for (const some of reported.report!.eachChannels()) {
      steps += 1;
      yield some;
    }
  })();
  expect([firstOf(counted, 10), steps]).toEqual([channels.slice(0, 10), 1]);
  let csv = '';
  for await (const part of channelsCsv(reported)) csv += part;
  const lines = csv.split('\r\n');
  expect(lines).toHaveLength(count + 2);
  expect(lines.slice(0, 2)).toEqual([
    'meter_point,code,meter,kind,readings,missing,sum,unit,actual,customer,deemed,estimated,substituted,final,missing',
    'm,E1,,channel,3,1,1.5,kWh,2,0,0,0,0,0,1',
  ]);
});
