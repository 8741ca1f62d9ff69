import { expect, it } from 'vitest';
import { registerTable } from '../../src/billing/usage-tables.ts';
import { d0010 } from '../../src/imports/formats/d0010.ts';
import { d0149 } from '../../src/imports/formats/d0149.ts';
import { d0150 } from '../../src/imports/formats/d0150.ts';
import { placeRegister, placeRegisterMapping } from '../../src/imports/place-records.ts';
import { undoImport } from '../../src/imports/undo-import.ts';
import { decide } from '../../src/readings/decide.ts';
import { instant, instantOfMs, parseInstant, type Zone } from '../../src/units/time.ts';
import { testHouse } from '../open-house.ts';
import { collectEvents } from './collect-events.ts';
import { dtcFile } from './dtc-file.ts';

const mpan = '1200023305967';
const zone = 'Europe/London' as Zone;

const details = dtcFile('D0150002', [
  `288|${mpan}|20260115||E|`,
  '289|0393|20260115|||',
  '290|M 1|||5|J|Maker X1|MAPX|||||||||||RCAMY|20260115|20260115||||R|20260115|',
  '293|01|C|AI|40.00||5|||',
  '293|02|C|AE|1.00||5|||',
]);
const mapping = dtcFile('D0149001', [
  `280|${mpan}|20260115|`,
  '281|0393|20260115|',
  '778|00001|',
  '283|M1|',
  '284|01|1|',
]);
const readings = dtcFile('D0010002', [
  `026|${mpan}|V|`,
  '028|M 1|R|',
  '030|01|20260201000000|99990.0|||T|N|',
  '030|01|20260301000000|00020.0|||T|N|',
]);

it('readings of D0010 are billable once D0150 and D0149 said what they mean, in whatever order the files come', async () => {
  const { house } = await testHouse({ at: '2026-06-01T12:00:00Z', zone });
  const now = instantOfMs(house.clock.now());
  const deps = { ...house, zone };
  const created: string[] = [];
  const place = (format: typeof d0150, text: string) =>
    collectEvents(format, text).mappings.map(each => placeRegisterMapping(deps, each, 7, now, created));
  expect(place(d0149, mapping)).toEqual(['new']);
  expect(place(d0150, details)).toEqual(['new', 'new']);
  expect([place(d0149, mapping), place(d0150, details)]).toEqual([['identical'], ['identical', 'identical']]);
  expect(created).toEqual([mpan]);

  for (const record of collectEvents(d0010, readings).readings) {
    const series = placeRegister(deps, record, now, created);
    const { at, value, quality, line, versionAt } = record;
    const { outcome } = decide(house, series, { at, value, minutes: 0, quality, source: 7, line, versionAt }, now);
    expect(outcome).toBe('accepted');
  }
  const { id } = house.meterPoints.get(mpan);
  expect(house.meterPoints.listSeries(id).map(({ code, flow, map }) => [code, flow, map?.length])).toEqual([
    ['01', 'from-grid', 2],
    ['02', 'to-grid', 1],
  ]);
  const period = { from: parseInstant('2026-02-01T00:00:00', zone)!, to: parseInstant('2026-03-01T00:00:00', zone)! };
  expect(registerTable(house.consumption.energyOf(id, period))[0]).toMatchObject({
    ...{ code: '01', usage: '1200', multiplier: '40', digits: 5, arithmetic: '(20 − 99990 + 100000) × 40' },
  });
});

it('who cannot keep a mapping is told so, once', () => {
  const problems: string[] = [];
  const silent = { opened() {}, intervals() {}, registerReading() {}, indexRead() {}, customer() {}, closed() {} };
  const reader = d0150.reader(
    { ...silent, problem: ({ rule, line, message }) => void problems.push(`${rule} L${line} ${message}`) },
    { strict: false, fileName: '', member: '' },
  );
  reader.push(Buffer.from(details));
  reader.end();
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain('D10-17 L5 line 5, column 1: what this file tells of registers is not kept');
});

it('a file of technical details that is imported keeps what it tells, before readings that need it; a dry run tells the same', async () => {
  const test = await testHouse({ at: '2026-06-01T12:00:00Z', zone });
  const { house } = test;
  const send = async (content: string, dry = '') => {
    const url = `/v1/imports?wait=true${dry}`;
    const headers = { authorization: test.authorization(), 'content-type': 'application/octet-stream' };
    const answer = await test.app.inject({ method: 'POST', url, headers, payload: content });
    const [run] = answer.json().imports;
    expect(run.problems.byRule).toEqual([]);
    return run.counts;
  };
  expect(await send(details, '&dry_run=true')).toMatchObject({ new: 2, identical: 0 });
  expect(house.meterPoints.find(mpan)).toBeUndefined();
  expect(await send(details)).toMatchObject({ new: 2, identical: 0 });
  expect(await send(mapping, '&dry_run=true')).toMatchObject({ new: 1 });
  expect(await send(mapping)).toMatchObject({ new: 1 });
  expect(await send(readings)).toMatchObject({ new: 2, rejected: 0 });
  expect(await send(details, '&dry_run=true')).toMatchObject({ new: 0, identical: 2 });
  expect(await send(details)).toMatchObject({ new: 0, identical: 2 });
  const { id } = house.meterPoints.get(mpan);
  expect(house.meterPoints.listSeries(id).map(({ code, map }) => [code, map?.length])).toEqual([
    ['01', 2],
    ['02', 1],
  ]);
});

it('what an import told of registers is taken back with it, but for what a bill was counted with', async () => {
  const test = await testHouse({ at: '2026-06-01T12:00:00Z', zone });
  const { house } = test;
  const headers = { authorization: test.authorization() };
  const octets = { ...headers, 'content-type': 'application/octet-stream' };
  const send = async (payload: string) =>
    (await test.app.inject({ method: 'POST', url: '/v1/imports?wait=true', headers: octets, payload })).json()
      .imports[0];
  const energy = () => {
    const period = { from: parseInstant('2026-02-01T00:00:00', zone)!, to: parseInstant('2026-03-01T00:00:00', zone)! };
    const [row] = registerTable(house.consumption.energyOf(house.meterPoints.get(mpan).id, period));
    return [row?.usage, row?.multiplier];
  };
  const right = await send(details);
  await send(mapping);
  await send(readings);
  const wrong = await send(details.replace('|40.00|', '|80.00|').replace('20260302153151', '20260303153151'));
  expect(wrong.counts).toMatchObject({ new: 1, identical: 1 });
  expect(energy()).toEqual(['2400', '80']);
  const undo = async (id: number, query = '') =>
    (await test.app.inject({ method: 'POST', url: `/v1/imports/${id}/undo${query}`, headers })).json();
  // It is newer in what it says again of the other register, too.
  expect(await undo(wrong.id, '?dry_run=true')).toMatchObject({ facts: 2, gone: 0 });
  expect(energy()).toEqual(['2400', '80']);
  expect(await undo(wrong.id)).toMatchObject({ facts: 2, gone: 0, billed: [] });
  expect(energy()).toEqual(['1200', '40']);
  // Where the process ended before it had noted this, the next attempt reports it.
  const before = { orderedAt: instantOfMs(house.clock.now()), withdrawn: undefined };
  const afterKill = { ...house, zone, listBilled: () => [] };
  expect(await undoImport(afterKill, house.imports.get(wrong.id), { dryRun: false, before })).toMatchObject({
    facts: 2,
  });
  // It can come again, and go again.
  const again = await send(details.replace('|40.00|', '|80.00|').replace('20260302153151', '20260303153151'));
  expect([again.counts.new, energy()]).toEqual([1, ['2400', '80']]);
  await undo(again.id);
  // What a bill was counted with stays.
  const listBilled = () => [{ invoice: 'WL-1', from: instant(0), to: instant(4e9) }];
  const kept = await undoImport({ ...house, zone, listBilled }, house.imports.get(right.id), { dryRun: false });
  expect(kept).toMatchObject({ facts: 0, billed: [{ code: '01', invoice: 'WL-1', readings: 0 }, { code: '02' }] });
  expect(energy()).toEqual(['1200', '40']);
});

it('a multiplier that was told after a billed period and held for it stays as well, whatever else was told before it', async () => {
  const { house, app, authorization } = await testHouse({ at: '2026-06-01T12:00:00Z', zone });
  const headers = { authorization: authorization(), 'content-type': 'application/octet-stream' };
  const send = async (payload: string) =>
    (await app.inject({ method: 'POST', url: '/v1/imports?wait=true', headers, payload })).json().imports[0].id;
  await send(mapping);
  const run = house.imports.get(await send(details.replace('|20260115||E|', '|20260301||E|')));
  const listBilled = () => [{ invoice: 'WL-1', from: instant(1_769_904_000), to: instant(1_771_113_600) }];
  expect(await undoImport({ ...house, zone, listBilled }, run, { dryRun: true })).toMatchObject({
    facts: 0,
    billed: [{ code: '01', invoice: 'WL-1' }, { code: '02' }],
  });
});
