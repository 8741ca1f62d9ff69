import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReportedRun } from '../../src/imports/import-run.ts';
import { formatKwh } from '../../src/units/energy.ts';
import { formatUtc, instant } from '../../src/units/time.ts';
import { type TestHouse, testFolder, testHouse } from '../open-house.ts';
import { cli } from '../server.ts';

let test: TestHouse;
beforeEach(async () => {
  test = await testHouse({ at: '2026-11-21T10:00:00Z', zone: 'Europe/London' });
});

const header = 'ZHV|0000475656|D0010002|D|UDMS|X|MRCY|20260303153151||||OPER|';
const flow = (...lines: string[]) => `${[header, ...lines].join('\n')}\n`;
const meter = ['026|1200023305967|V|', '028|F75A 00802|D|'];
const good = '030|S|20260610000000|100.5|||T|N|';

async function take(text: string, strict = false): Promise<ReportedRun> {
  const { importQueue: queue } = test.house;
  const kept = await queue.keep(portions(text), { dryRun: false });
  const order = { ...kept, name: 'a.uff', strict, importedBy: 'test', profile: '', meterPoint: '' };
  return queue.settled(queue.order(order).id);
}

async function* portions(text: string) {
  yield Buffer.from(text);
}

const stored = () =>
  test.house.dialReadings
    .list({}, [{ by: 'at', descending: false }], { limit: 100, total: test.house.dialReadings.count() })
    .map(({ identifier, serial, register, at, value }) =>
      [identifier, serial, register, formatUtc(at), formatKwh(value)].join(' '),
    );
const problems = ({ id }: ReportedRun) => test.house.importQueue.runs.listProblems(id, {}, 100, 0);

it('P4-01 the command says what its scripts read, goes on after a bad file and saves nothing in a dry run', async () => {
  const folder = testFolder();
  const [home, first, bad] = ['home', 'first.uff', 'bad.uff'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(first, flow(...meter, good));
  writeFileSync(bad, 'nothing of the kind\n');
  const files = [bad, first];
  const rehearsed = await cli(home, ['import', 'd0010', '--dry-run', ...files]);
  const imported = await cli(home, ['import', 'd0010', ...files]);
  for (const { stdout } of [rehearsed, imported])
    expect(stdout.split('\n')).toEqual([
      'Starting import of 2 file(s)...',
      expect.stringContaining(`✗ ${bad}: `),
      `✓ ${first}: 1 readings imported`,
      'Import completed. Total readings: 1',
      '',
    ]);
  const again = await cli(home, ['import', 'd0010', first]);
  expect(again.stdout).toContain('Import completed. Total readings: 0');
});

describe('a file', () => {
  it('P4-02 needs neither its trailer nor tidy ends of records, and blank lines are none', async () => {
    const run = await take(flow(...meter, '', `${good} | | |`, '', '030|T|20260611000000|7.0|||T|N|'));
    expect(run.report?.counts).toMatchObject({ new: 2, rejected: 0 });
  });

  it('P4-02 leaves out a record it does not know, up to the next meter point: who knows what stands under it', async () => {
    const other = ['026|1900001059816|V|', '028|S95105287|C|', '030|DY|20260610000000|5.0|||T|N|'];
    const run = await take(flow(...meter, good, '999|what|is|this|', ...other));
    expect(run.report?.counts).toMatchObject({ new: 2, rejected: 1 });
    expect(problems(run).find(({ action }) => action === 'rejected')).toMatchObject({ line: 5, rule: 'D10-5' });
  });

  it.each([
    ['030 before any meter point', [good, ...meter, good]],
    ['030 before its meter', [meter[0]!, good, meter[1]!, good]],
  ])('P4-03 P4-24 a %s is named with file, line and the beginning of its record', async (_what, lines) => {
    const run = await take(flow(...lines));
    expect(run.report?.counts).toMatchObject({ new: 1, rejected: 1 });
    const orphan = problems(run).find(({ action }) => action === 'rejected');
    expect(run.name).toBe('a.uff');
    expect(orphan).toMatchObject({ line: lines.indexOf(good) + 2 });
    expect(orphan?.raw).toBe(good.slice(0, 50));
  });

  it.each([
    ['an MPAN of twelve digits', ['026|120002330596|V|', meter[1]!, good]],
    ['an empty serial', [meter[0]!, '028||D|', good]],
    ['a date of eight digits', [...meter, '030|S|20260610|100.5|||T|N|']],
    ['a day that is none', [...meter, '030|S|20260230000000|100.5|||T|N|']],
    ['a value that is no number', [...meter, '030|S|20260610000000|many|||T|N|']],
    ['a value below zero', [...meter, '030|S|20260610000000|-1.0|||T|N|']],
    ['a date to come', [...meter, '030|S|20270610000000|100.5|||T|N|']],
  ])('P4-04 P4-05 P4-24 with %s brings nothing and says where', async (_what, lines) => {
    const run = await take(flow(...lines));
    expect(run.report?.counts.new).toBe(0);
    expect(problems(run).filter(({ action }) => action === 'rejected')[0]).toMatchObject({
      line: expect.any(Number),
      rule: expect.stringMatching(/^(D10|P4)-/),
    });
    expect(stored()).toEqual([]);
  });

  it('P4-04 P4-05 is on the clock of London, and blanks around a serial are none of it', async () => {
    await take(flow(meter[0]!, '028| F75A 00802 |D|', good, '030|S|20260210000000|90.0|||T|N|'));
    expect(stored().map(row => row.replace(/ +/g, ' '))).toEqual([
      '1200023305967 F75A 00802 S 2026-02-10T00:00:00Z 90',
      '1200023305967 F75A 00802 S 2026-06-09T23:00:00Z 100.5',
    ]);
  });

  it('P4-06 is all or nothing when it is strict', async () => {
    const valid = '026|1200023305967|V|';
    const run = await take(flow(valid, '028|F75A 00802|D|', good, '030|T|20260610000000|many|||T|N|'), true);
    expect(run.report?.counts.new).toBe(0);
    expect(stored()).toEqual([]);
    expect(test.house.meters.count()).toBe(0);
  });
});

it('P4-23 browsers are held to https where people come by it', async () => {
  test = await testHouse({ environment: { PUBLIC_URL: 'https://bills.retailer.example' } });
  const { headers } = await test.app.inject('/admin/sign-in');
  expect(headers['strict-transport-security']).toMatch(/max-age=31536000/);
  expect([headers['set-cookie']].flat().join()).toMatch(/Secure/);
});

it('rows of dial values can be made again from days that are packed, and packing changes none', async () => {
  await take(flow(...meter, good, '030|S|20260210000000|90.0|||T|N|'));
  const before = stored();
  const { house } = test;
  const { listDialReadings } = await import('../../src/imports/list-dial-readings.ts');
  await house.maintenance.catchUp('test');
  expect(house.store.months.months.length).toBeGreaterThan(0);
  expect(await listDialReadings(house)).toBe(0);
  expect(stored()).toEqual(before);
  house.database.exec(
    'INSERT INTO dial_due SELECT DISTINCT series_id, at / 86400 FROM dial_reading; DELETE FROM dial_reading',
  );
  expect(house.meters.count({ search: 'F75A' })).toBe(1);
  expect(house.meters.find(1)?.readingCount).toBe(0);
  await listDialReadings(house);
  expect(stored()).toEqual(before);
  expect(house.meters.find(1)?.readingCount).toBe(2);
  expect(house.dialReadings.findNext(instant(0))).toBe(Date.parse('2026-02-10T00:00:00Z') / 1000);
});
