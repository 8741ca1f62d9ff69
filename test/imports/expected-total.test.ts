import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder, testHouse } from '../open-house.ts';
import { cli, temporaryHome } from '../server.ts';
import { d0010File, nem12File } from '../trade-files.ts';

// One day of 0.001 to 0.048 kWh.
const day = nem12File(['6001000017']);
const withGap = day.replace('0.048', '');

async function open() {
  const test = await testHouse();
  const headers = { authorization: test.authorization(), 'content-type': 'application/octet-stream' };
  const post = async (query: string, payload: string) => {
    const answer = await test.app.inject({ method: 'POST', url: `/v1/imports?wait=true&${query}`, headers, payload });
    return { status: answer.statusCode, body: answer.json(), run: answer.json().imports?.[0] };
  };
  return { ...test, post };
}

describe('the total that somebody expects of a file', () => {
  it.each<[name: string, file: string, query: string, of: string, found: string, difference: string]>([
    ['equal energy', day, 'expected_kwh=1.176', 'energy', '1.176', '0'],
    ['the same in other decimals', day, 'expected_kwh=1.17600', 'energy', '1.176', '0'],
    ['a millionth more expected', day, 'expected_kwh=1.176001', 'energy', '1.176', '-0.000001'],
    ['less expected', day, 'expected_kwh=1', 'energy', '1.176', '0.176'],
    ['two channels together', nem12File(['6001000017', '6001000025']), 'expected_kwh=2.352', 'energy', '2.352', '0'],
    ['equal readings', day, 'expected_readings=48', 'readings', '48', '0'],
    ['a gap, which is no reading', withGap, 'expected_readings=48', 'readings', '47', '-1'],
    ['values of registers', d0010File('10', '11', '12'), 'expected_readings=3', 'readings', '3', '0'],
    ['values of registers, which are no energy', d0010File('10', '11'), 'expected_kwh=0', 'energy', '0', '0'],
  ])('is held against it: %s', async (_name, file, query, of, found, difference) => {
    const { post } = await open();
    const { run } = await post(query, file);
    expect(run.expected).toMatchObject([{ of, found, difference }]);
    const rules = run.problems.byRule.map(({ rule, action }: { rule: string; action: string }) => [rule, action]);
    expect(rules.filter(([rule]: string[]) => rule === 'expected-total')).toEqual(
      difference === '0' ? [] : [['expected-total', 'ignored']],
    );
    // Tolerant: what the file has enters all the same.
    expect(run.counts.new).toBeGreaterThan(0);
    expect((await post('', file)).run.expected).toBeUndefined();
  });

  it('is of what the file says, and not of what was new: the same file again has the same', async () => {
    const { post } = await open();
    await post('', day);
    expect((await post('expected_kwh=1.176&expected_readings=48&strict=true', day)).run).toMatchObject({
      counts: { new: 0, identical: 48, rejected: 0 },
      expected: [
        { of: 'energy', difference: '0' },
        { of: 'readings', difference: '0' },
      ],
    });
  });

  it('refuses a strict file that has another one, and a dry run says so', async () => {
    const { post, house } = await open();
    for (const query of ['dry_run=true&strict=true', 'strict=true']) {
      const { run } = await post(`${query}&expected_kwh=1.177`, day);
      expect(run.counts).toMatchObject({ new: 0, rejected: 1 });
      expect(run.problems.byRule).toMatchObject([{ rule: 'expected-total', severity: 'error', action: 'rejected' }]);
      expect(run.problems.byRule[0].example).toContain(
        'the file has 1.176 kWh in all and 1.177 were expected: 0.001 kWh less',
      );
    }
    expect(house.meterPoints.directory.count()).toBe(0);
    expect((await post('strict=true&expected_kwh=1.176', day)).run.counts).toMatchObject({ new: 48, rejected: 0 });
  });

  it.each([
    'expected_kwh=many',
    'expected_kwh=-1',
    'expected_kwh=1e3',
    'expected_readings=1.5',
    'expected_readings=-1',
  ])('is refused before anything is kept when it is none: %s', async query => {
    const { post, house } = await open();
    const { status, body } = await post(query, day);
    expect([status, body.code]).toEqual([422, 'value-invalid']);
    expect(house.imports.count()).toBe(0);
  });

  it('outlives a restart with the run that waits', async () => {
    const { house } = await open();
    const order = { name: 'a', sha256: 'b'.repeat(64), size: 1, strict: false, importedBy: 'test' };
    const run = { ...order, profile: '', meterPoint: '' };
    const expected = { energy: null, readings: 48 };
    expect(house.imports.get(house.imports.order({ ...run, expected }, 1)).expected).toEqual(expected);
    expect(house.imports.get(house.imports.order(run, 1)).expected).toBeUndefined();
  });

  it('is asked of the command for one file', async () => {
    const home = temporaryHome();
    const file = join(testFolder(), 'day.csv');
    writeFileSync(file, day);
    const refused = await cli(home, ['import', '--strict', '--expected-kwh', '2', file]);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('energy: 1.176, expected 2, a difference of -0.824');
    const equal = await cli(home, ['import', '--strict', '--expected-kwh', '1.176', '--expected-readings', '48', file]);
    expect(equal.code).toBe(0);
    expect(equal.stdout).toContain('readings: 48, as expected');
    expect((await cli(home, ['import', '--expected-kwh', '2', file, file])).code).toBe(2);
  });
});
