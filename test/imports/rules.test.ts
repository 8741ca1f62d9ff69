import { describe, expect, it } from 'vitest';
import { importFile } from '../../src/imports/import-file.ts';
import { keepFile } from '../../src/imports/keep-file.ts';
import { rehearsedBooks } from '../../src/imports/rehearse-import.ts';
import { rules, type Severity } from '../../src/readings/rules.ts';
import { instant } from '../../src/units/time.ts';
import { type TestHouse, testHouse } from '../open-house.ts';
import { d0010File, nem12File } from '../trade-files.ts';

async function take({ house }: TestHouse, content: string) {
  const { sha256 } = await keepFile(house.importFolder, [Buffer.from(content)]);
  return importFile({ ...house, zone: house.config.zone }, { name: 'a file', sha256, strict: false, by: 'test' });
}

const readingsIn = ({ house }: TestHouse) =>
  house.meterPoints.allSeries
    .list()
    .reduce((sum, { id }) => sum + house.index.list(id, instant(0), instant(1e10)).length, 0);

/** A fifth day with one interval of 90 kWh, where a day before had one below 1 kWh at most. */
const spiking = nem12File(['6001000017'], 5).replace(/(300,20251005,)0\.005/, '$190.005');

// What is read, from when the reading is looked at, and how many of its readings the rule lets be.
const cases: { rule: keyof typeof rules; file: string; at?: string; others: number; spoken: number }[] = [
  { rule: 'meter-point-unknown-in-file', file: nem12File(['6001000017']), others: 0, spoken: 48 },
  { rule: 'meter-point-unknown-in-file', file: d0010File('10', '11'), others: 0, spoken: 2 },
  { rule: 'goes-backwards', file: d0010File('10', '11', '9'), others: 2, spoken: 1 },
  { rule: 'from-the-future', file: d0010File('10', '11'), at: '2016-02-22T12:00:00Z', others: 1, spoken: 1 },
  { rule: 'spike-in-file', file: spiking, others: 5 * 48 - 1, spoken: 1 },
];
const table = cases.flatMap(each => rules[each.rule].allowed.map(severity => ({ ...each, severity })));

describe('a rule and its severity, in a file', () => {
  it.each(table)('$rule, set to $severity', async ({ rule, severity, file, at, others, spoken }) => {
    const test = await testHouse({ environment: { READING_RULES: `${rule}=${severity}` }, ...(at && { at }) });
    const { counts, problems } = await take(test, file);
    const keeps: Severity[] = ['accept', 'flag'];
    const kept = keeps.includes(severity) ? others + spoken : others;
    expect(counts.new).toBe(kept);
    expect(readingsIn(test)).toBe(kept);
    expect(counts.quarantined).toBe(severity === 'quarantine' ? spoken : 0);
    expect(counts.rejected > 0).toBe(severity === 'reject');
    expect(problems.length > 0).toBe(!keeps.includes(severity));
    expect(test.house.flags.list({ limit: 10 }).length).toBe(severity === 'flag' ? spoken : 0);
    expect(test.house.quarantine.count({ state: 'waiting' })).toBe(severity === 'quarantine' ? spoken : 0);
    // The same file again puts nothing aside twice.
    await take(test, file);
    expect(test.house.quarantine.count({})).toBe(severity === 'quarantine' ? spoken : 0);
  });

  it('notes nothing in a rehearsal', async () => {
    const test = await testHouse({ environment: { READING_RULES: 'spike-in-file=flag' } });
    await take(test, nem12File(['6001000017'], 4));
    const { house } = test;
    const { sha256 } = await keepFile(house.importFolder, [Buffer.from(spiking)]);
    const file = { name: 'a file', sha256, strict: true, by: 'test' };
    const rehearsed = { ...house, ...rehearsedBooks(house), zone: house.config.zone };
    expect(await importFile(rehearsed, file)).toMatchObject({ counts: { new: 48, identical: 4 * 48 } });
    expect(house.flags.list({ limit: 10 })).toEqual([]);
    await importFile({ ...house, zone: house.config.zone }, file);
    expect(house.flags.list({ limit: 10 })).toHaveLength(1);
  });

  it('lets in what waited for its meter point, with what the file said of its channel', async () => {
    const test = await testHouse({ environment: { READING_RULES: 'meter-point-unknown-in-file=quarantine' } });
    await take(test, nem12File(['6001000017']));
    const { meterPoints, registrations, quarantine, config } = test.house;
    expect(meterPoints.allSeries.list()).toEqual([]);
    meterPoints.add({ identifier: '6001000017', address: '', zone: config.zone, origin: 'registered' }, 1);
    await registrations.idle();
    expect(quarantine.count({ state: 'applied' })).toBe(48);
    expect(meterPoints.allSeries.list()).toMatchObject([{ code: 'E1', flow: 'from-grid', intervalMinutes: 30 }]);
    expect(readingsIn(test)).toBe(48);
    expect(await take(test, nem12File(['6001000017']))).toMatchObject({ counts: { new: 0, identical: 48 } });
  });
});
