import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flushHouse, type House } from '../../src/house.ts';
import { moveDays } from '../../src/safekeeping/change-home.ts';
import { parseZone } from '../../src/units/time.ts';
import { testHouse } from '../open-house.ts';
import { cli, startServer, temporaryHome } from '../server.ts';

const sydney = { TIME_ZONE: 'Australia/Sydney' };
const london = { TIME_ZONE: 'Europe/London' };
const refused = {
  code: 2,
  stderr: expect.stringMatching(
    /TIME_ZONE says Europe\/London, and .+ has days of Australia\/Sydney.+--zone Europe\/London.+\(home-setting-differs\)/,
  ),
};
const sound = { code: 0, stdout: expect.stringContaining('is sound') };

/** Two half-hours of a meter that a person's sheet has without a zone: in Sydney they are of two days of UTC. */
function zonelessFile(home: string): string {
  const path = join(home, 'sheet.csv');
  writeFileSync(path, 'meter_id,timestamp,reading\r\nm-1,2026-10-02T09:30:00,100\r\nm-1,2026-10-02T10:30:00,101\r\n');
  return path;
}

const stamps = async (home: string, environment = {}) =>
  (await cli(home, ['export', '--format', 'csv'], environment)).stdout
    .split('\r\n')
    .slice(1)
    .flatMap(line => line.match(/2026[^,]*/)?.[0] ?? []);

describe('a command on a home that remembers its zone', () => {
  it.concurrent('reads stamps as the first opening did, without the variable and with the same, and is refused with another', async () => {
    const home = temporaryHome();
    expect(await cli(home, ['verify'], sydney)).toMatchObject(sound);
    expect(await cli(home, ['import', zonelessFile(home)])).toMatchObject({ code: 0 });
    const inSydney = ['2026-10-01T23:30:00Z', '2026-10-02T00:30:00Z'];
    expect(await stamps(home)).toEqual(inSydney);
    expect(await stamps(home, sydney)).toEqual(inSydney);
    for (const words of [['import', zonelessFile(home)], ['verify'], ['maintain', 'both'], ['serve'], ['simulate']])
      expect(await cli(home, words, london)).toMatchObject(refused);
    expect(await cli(home, ['maintain', 'both'])).toMatchObject({ code: 0 });
    expect(await cli(home, ['verify'], sydney)).toMatchObject(sound);
    expect((await cli(home, ['home'])).stdout).toMatch(/^TIME_ZONE=Australia\/Sydney +since \S+ \(environment\)$/m);
  });

  it.concurrent('is refused by the server that holds the home as well, whatever it brings', async () => {
    const home = temporaryHome();
    const server = await startServer(home, sydney);
    expect(await cli(home, ['import', zonelessFile(home)])).toMatchObject({ code: 0 });
    const large = join(home, 'large.csv');
    writeFileSync(large, `meter_id,timestamp,reading\r\n${'m-1,2026-10-02T09:30:00,100\r\n'.repeat(400_000)}`);
    for (const words of [['verify'], ['import', large]]) expect(await cli(home, words, london)).toMatchObject(refused);
    expect(await cli(home, ['home', '--zone', 'Europe/London'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('in use by another wattledger'),
    });
    expect(await server.stop()).toBe(0);
    const again = await startServer(home);
    expect(await stamps(home)).toEqual(['2026-10-01T23:30:00Z', '2026-10-02T00:30:00Z']);
    expect(await again.stop()).toBe(0);
  });
});

describe('home --zone', () => {
  it.concurrent('moves the days of a home, and takes along the meter points that were registered by mistake', async () => {
    const home = temporaryHome();
    expect(await cli(home, ['import', zonelessFile(home)])).toMatchObject({ code: 0 });
    expect(await cli(home, ['maintain', 'both'])).toMatchObject({ code: 0 });
    const archives = () => readdirSync(join(home, 'archive')).sort();
    expect(archives()).toEqual(['daily_2026-10-02.csv', 'manifest.json', 'monthly_2026-10.csv']);
    expect(await cli(home, ['serve'], london)).toMatchObject({ code: 2 });

    const moved = await cli(home, ['home', '--zone', 'Pacific/Kiritimati', '--meter-points'], london);
    expect(moved).toMatchObject({ code: 0, stderr: expect.stringContaining('TIME_ZONE=Europe/London is set') });
    expect(moved.stdout).toContain('has days of Pacific/Kiritimati; before, of UTC.');
    expect(moved.stdout).toContain('1 meter points have days of Pacific/Kiritimati from now on');
    expect(archives()).toEqual([
      'daily_2026-10-02.csv',
      'daily_2026-10-03.csv',
      'manifest.json',
      'monthly_2026-10.csv',
    ]);
    expect(await cli(home, ['verify'])).toMatchObject(sound);

    // Back again: no archive of a day stays that is no day any more.
    expect(await cli(home, ['home', '--zone', 'UTC'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 meter points keep days of Pacific/Kiritimati'),
    });
    expect(archives()).toEqual(['daily_2026-10-02.csv', 'manifest.json', 'monthly_2026-10.csv']);
    expect(await cli(home, ['verify'])).toMatchObject(sound);
  });

  it.concurrent.each([
    [['--zone', 'Mars/Olympus'], 'TIME_ZONE="Mars/Olympus" cannot be used'],
    [['--zone', 'UTC', '--currency', 'GBP'], 'one thing at a time'],
    [['--meter-points'], 'goes with --zone'],
  ])('%j is wrong usage', async (options, says) => {
    expect(await cli(temporaryHome(), ['home', ...options])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(says),
    });
  });
});

describe('what else a home remembers', () => {
  it.concurrent('currency and numbers are changed by a command as well, and not by a variable', async () => {
    const home = temporaryHome();
    const plan = join(home, 'plan.json');
    writeFileSync(
      plan,
      JSON.stringify({
        ...{
          planCode: 'FLAT',
          displayName: 'Flat',
          currency: 'GBP',
          taxBasis: 'EXCLUSIVE',
          taxes: { VAT: { name: 'VAT', percent: '5' } },
          effectiveFrom: '2026-01-01',
        },
        components: [
          { kind: 'energy', code: 'USE', register: 'IMPORT', rates: [{ code: 'ALL', unitPrice: '0.28' }], tax: 'VAT' },
        ],
      }),
    );
    expect(await cli(home, ['plan', 'import', plan], { CURRENCY: 'GBP' })).toMatchObject({ code: 0 });
    expect(await cli(home, ['verify'], { CURRENCY: 'AUD' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('keeps its books in GBP'),
    });
    expect(await cli(home, ['home', '--currency', 'NZD'])).toMatchObject({ code: 0 });
    expect(await cli(home, ['home', '--numbering', 'per-account'])).toMatchObject({ code: 0 });
    const told = JSON.parse((await cli(home, ['home', '--json'])).stdout);
    expect(told).toMatchObject({
      TIME_ZONE: { value: 'UTC', saidBy: 'default' },
      CURRENCY: { value: 'NZD', saidBy: 'home command' },
      INVOICE_NUMBERING: { value: 'per-account' },
    });
  });
});

describe('moving the days of a home', () => {
  const kiritimati = parseZone('Pacific/Kiritimati')!;
  const register = ({ meterPoints }: House, identifier: string) =>
    meterPoints.add({ identifier, address: '', zone: parseZone('UTC')!, origin: 'import' }, 0);

  it('leaves archives due until they are written, so that a kill in between is made good by the next start', async () => {
    const first = await testHouse();
    register(first.house, 'm-1');
    await flushHouse(first.house);
    await moveDays(first.house, kiritimati, { meterPoints: false });
    await first.close();
    const { house } = await testHouse({ home: first.home, zone: kiritimati });
    expect(house.config.zone).toBe(kiritimati);
    expect(house.access.audit.list({ search: 'home.change', limit: 1 })).toMatchObject([{ subject: 'home:TIME_ZONE' }]);
  });
});
