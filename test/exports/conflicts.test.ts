import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Series } from '../../src/accounts/meter-point.ts';
import { exportReadings } from '../../src/exports/export-readings.ts';
import { importFile } from '../../src/imports/import-file.ts';
import { keepFile } from '../../src/imports/keep-file.ts';
import { decide } from '../../src/readings/decide.ts';
import { formatDecision } from '../../src/readings/write-records.ts';
import { microKwh } from '../../src/units/energy.ts';
import { formatUtc, instant, parseZone } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const zone = parseZone('Australia/Adelaide')!;
const now = Date.parse('2026-11-21T10:00:00Z') / 1000;
const start = Date.parse('2026-11-20T22:00:00Z') / 1000;

async function exported(
  { house }: TestHouse,
  more: { conflicts?: boolean; from?: string; to?: string; format?: string },
) {
  const file = await exportReadings({ ...house, zone }, { format: 'csv', meterPoints: [], codes: [], ...more });
  let text = '';
  for await (const part of file.parts()) text += part;
  return text;
}

async function imported({ house }: TestHouse, text: string) {
  const { sha256 } = await keepFile(house.importFolder, [Buffer.from(text)]);
  return importFile({ ...house, zone }, { name: 'export.csv', sha256, strict: false, by: 'test' });
}

/** A house with a channel and a register, in which these were sent one after the other. */
async function houseWith(
  sent: { slot: number; value: number; minutes: number; versionAt: number; register: boolean }[],
) {
  const test = await testHouse({ at: '2026-11-21T10:10:00Z', zone });
  const { meterPoints } = test.house;
  const { id } = meterPoints.add({ identifier: 'm-1', address: '', zone, origin: 'registered' }, 0);
  const rest = { meterPointId: id, serial: '', flow: 'from-grid', unit: 'kWh', intervalMinutes: 30 } as const;
  const channel = meterPoints.addSeries({ ...rest, kind: 'channel', code: 'E1' }, 0);
  const register = meterPoints.addSeries({ ...rest, kind: 'register', code: '1' }, 0);
  for (const [line, { slot, value, minutes, versionAt, register: isRegister }] of sent.entries()) {
    const series: Series = isRegister ? register : channel;
    const at = instant(start + slot * 1800);
    const said = isRegister ? { value: microKwh(slot * 100 + value), minutes: 0 } : { value: microKwh(value), minutes };
    const reading = { ...said, at, quality: 'actual' as const, versionAt, source: 1, line };
    decide(test.house, series, reading, now + line);
  }
  return test;
}

/** What is current and what waits for a decision beside it, without where it came from. */
async function known({ app, authorization, house }: TestHouse) {
  const series = house.meterPoints.listSeries(house.meterPoints.get('m-1').id);
  const filled = series.filter(({ id }) => house.index.listDays(id).length > 0);
  const current = filled.map(({ id, code }) => [
    code,
    house.index
      .list(id, instant(0), instant(1e10))
      .map(({ at, value, minutes, versionAt }) => `${formatUtc(at)} ${value} ${minutes} ${versionAt}`),
  ]);
  const headers = { authorization: authorization() };
  const { data } = (await app.inject({ url: '/v1/conflicts?limit=1000', headers })).json();
  const waiting = data.map(
    ({ code, reading: { at, value, minutes, versionAt = '' } }: { code: string; reading: Record<string, string> }) =>
      `${code} ${at} ${value} ${minutes} ${versionAt}`,
  );
  return { current: current.sort(), waiting: waiting.sort() };
}

it('what contradicts current readings comes back as such, and nothing that was decided', async () => {
  const post = fc.record({
    slot: fc.integer({ min: 0, max: 5 }),
    value: fc.constantFrom(1, 2, 3),
    minutes: fc.constantFrom(30, 30, 30, 60),
    versionAt: fc.constantFrom(0, 0, 1_780_000_000),
    register: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(post, { minLength: 1, maxLength: 20 }), fc.boolean(), async (sent, decides) => {
      const from = await houseWith(sent);
      const { index, journal, meterPoints } = from.house;
      const [series] = meterPoints.listSeries(meterPoints.get('m-1').id);
      const open = index.listVersions(series!.id, instant(0), instant(1e10)).find(each => each.outcome === 'conflict');
      if (decides && open) {
        const decision = { ...open, decidedAt: now + 100, takes: true };
        journal.append(formatDecision(decision));
        index.decideConflict(decision);
      }
      const text = await exported(from, { conflicts: true });
      const to = await testHouse({ at: '2026-11-21T10:10:00Z', zone });
      const report = await imported(to, text);
      const before = await known(from);
      expect(await known(to)).toEqual(before);
      expect(report.counts).toMatchObject({ conflicting: before.waiting.length, rejected: 0, revised: 0, older: 0 });
      expect(await exported(to, { conflicts: true })).toBe(text);
      // Sent again, it waits once.
      await imported(to, text);
      expect(await known(to)).toEqual(before);
      // Without them, what is current comes back alone.
      const plain = await testHouse({ at: '2026-11-21T10:10:00Z', zone });
      expect((await imported(plain, await exported(from, {}))).counts).toMatchObject({ conflicting: 0, rejected: 0 });
      expect(await known(plain)).toEqual({ ...before, waiting: [] });
      await Promise.all([from.close(), to.close(), plain.close()]);
    }),
    { numRuns: 12 },
  );
});

it('waits again where the file is imported, however new it is and whatever its length, and replaces what it contradicts only when somebody says so', async () => {
  const sent = { minutes: 30, versionAt: 0, register: false };
  const from = await houseWith([
    { ...sent, slot: 0, value: 1, minutes: 60 },
    { ...sent, slot: 1, value: 1 },
    { ...sent, slot: 1, value: 2, versionAt: 1_780_000_000 },
    { ...sent, slot: 1, value: 1, minutes: 60 },
  ]);
  const { index, journal } = from.house;
  const [first] = index.listVersions(1, instant(0), instant(1e10));
  const decision = { ...first!, decidedAt: now + 100, takes: true };
  journal.append(formatDecision(decision));
  index.decideConflict(decision);
  const before = await known(from);
  expect(before).toMatchObject({
    current: [['E1', ['2026-11-20T22:30:00Z 1 30 0']]],
    waiting: ['E1 2026-11-20T22:30:00Z 0.000001 60 ', 'E1 2026-11-20T22:30:00Z 0.000002 30 2026-05-28T20:26:40Z'],
  });
  const to = await testHouse({ at: '2026-11-21T10:10:00Z', zone });
  await imported(to, await exported(from, { conflicts: true }));
  expect(await known(to)).toEqual(before);
});

it('stands behind the readings it contradicts, with its status, and is left out where those are', async () => {
  const sent = { minutes: 30, versionAt: 0, register: false };
  const test = await houseWith([
    { ...sent, slot: 0, value: 1 },
    { ...sent, slot: 0, value: 2 },
    { ...sent, slot: 1, value: 1 },
    // An hour over both.
    { ...sent, slot: 0, value: 3, minutes: 60, versionAt: 5 },
  ]);
  const rows = async (more: object) =>
    (await exported(test, more))
      .trim()
      .split('\r\n')
      .map(line =>
        line
          .split(',')
          .filter((_, at) => [6, 7, 8, 14].includes(at))
          .join(' '),
      );
  expect(await rows({ conflicts: true })).toEqual([
    'at minutes value status',
    '2026-11-20T22:00:00Z 30 0.000001 ',
    '2026-11-20T22:30:00Z 30 0.000001 ',
    '2026-11-20T22:00:00Z 30 0.000002 conflict',
    '2026-11-20T22:00:00Z 60 0.000003 conflict',
  ]);
  expect(await rows({ conflicts: true, to: '2026-11-20T22:30:00Z' })).toEqual([
    'at minutes value status',
    '2026-11-20T22:00:00Z 30 0.000001 ',
    '2026-11-20T22:00:00Z 30 0.000002 conflict',
  ]);
  expect(await rows({})).toHaveLength(3);
  await expect(exported(test, { conflicts: true, format: 'nem12' })).rejects.toMatchObject({ code: 'export-unfit' });
  const headers = { authorization: test.authorization() };
  const answer = await test.app.inject({ url: '/v1/readings/export?format=csv&conflicts=true', headers });
  expect(answer.body).toBe(await exported(test, { conflicts: true }));
  const { problems } = await imported(
    test,
    (await exported(test, { conflicts: true })).replace(',conflict', ',strange'),
  );
  expect(problems[0]!.message).toContain('"strange" is not a status');
});
