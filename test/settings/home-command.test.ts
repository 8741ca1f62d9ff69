import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { billMonth } from '../../src/billing/bill-month.ts';
import { billingPeriodOf, billRun } from '../../src/billing/bill-run.ts';
import { flushHouse, type House } from '../../src/house.ts';
import { moveDays } from '../../src/safekeeping/change-home.ts';
import { verify } from '../../src/safekeeping/verify.ts';
import { parseMonth, parseZone } from '../../src/units/time.ts';
import { testHouse } from '../open-house.ts';
import { archiveTexts } from '../readings/archive-texts.ts';
import { cli, startServer, temporaryHome } from '../server.ts';

const sydney = { TIME_ZONE: 'Australia/Sydney' };
const abroad = { TIME_ZONE: 'Europe/London' };
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
      expect(await cli(home, words, abroad)).toMatchObject(refused);
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
    for (const words of [['verify'], ['import', large]]) expect(await cli(home, words, abroad)).toMatchObject(refused);
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
    expect(await cli(home, ['serve'], abroad)).toMatchObject({ code: 2 });

    const moved = await cli(home, ['home', '--zone', 'Pacific/Kiritimati', '--meter-points'], abroad);
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
  const brisbane = 'Australia/Brisbane';
  const london = parseZone('Europe/London')!;
  const [billed, unbilled] = ['6001000017', '6001000025'];

  /** Two customers with October in hours of a kWh; October of the first is billed, that of the second drafted. */
  async function octoberBilled() {
    const test = await testHouse({ zone: brisbane });
    const headers = { authorization: test.authorization() };
    const post = async (url: string, payload: object | string) => {
      const typed = typeof payload === 'string' ? { ...headers, 'content-type': 'application/octet-stream' } : headers;
      return (await test.app.inject({ method: 'POST', url, headers: typed, payload })).json();
    };
    await post('/v1/plans', {
      ...{ planCode: 'FLAT', displayName: 'Flat', currency: 'AUD', taxBasis: 'EXCLUSIVE', effectiveFrom: '2026-01-01' },
      taxes: { GST: { name: 'GST', percent: '10' } },
      components: [
        { kind: 'energy', code: 'USE', register: 'IMPORT', rates: [{ code: 'ALL', unitPrice: '0.30' }], tax: 'GST' },
      ],
    });
    for (const [account, nmi] of Object.entries({ 'A-1': billed, 'A-2': unbilled })) {
      const days = Array.from({ length: 33 }, (_, day) => new Date(Date.UTC(2026, 8, 30 + day)).toISOString());
      const rows = days.map(day => `300,${day.slice(0, 10).replaceAll('-', '')}${',1'.repeat(24)},A,,,20261103000000,`);
      const head = ['100,NEM12,202611020000,MDP,RETAILER', `200,${nmi},E1,1,E1,,METER1,KWH,60,`];
      await post('/v1/imports?wait=true', [...head, ...rows, '900', ''].join('\r\n'));
      await post('/v1/accounts', { number: account, name: 'Bakery' });
      await post(`/v1/accounts/${account}/supplies`, { meterPoint: nmi, plan: 'FLAT', from: '2026-10-01' });
    }
    expect((await post('/v1/bill-runs', { month: '2026-10', account: 'A-1' })).bills).toMatchObject([
      { verdict: 'issued' },
    ]);
    await billRun(test.house, billingPeriodOf(parseMonth('2026-10')!), ['A-2']);
    expect(test.house.drafts.list()).toHaveLength(1);
    await flushHouse(test.house);
    return test;
  }

  const zones = ({ meterPoints }: House) => [billed, unbilled].map(nmi => meterPoints.get(nmi).zone);
  const invoicesOf = ({ database }: House) => database.prepare('SELECT number, document, sha256 FROM invoice').all();

  it('changes no invoice, and no meter point but those that were wrong and never billed', async () => {
    const first = await octoberBilled();
    const [invoices, archives] = [invoicesOf(first.house), archiveTexts(first.home)];
    await first.close();
    const moved = await cli(first.home, ['home', '--zone', london, '--meter-points']);
    expect(moved).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 meter points have days of Europe/London'),
    });
    expect(moved.stdout).toContain('1 meter points keep days of Australia/Brisbane, because they were billed by them');

    const { house, home } = await testHouse({ home: first.home, zone: london });
    expect(zones(house)).toEqual([brisbane, london]);
    // It was drafted by days that are none any more.
    expect(house.drafts.list()).toEqual([]);
    expect(invoicesOf(house)).toEqual(invoices);
    expect(house.access.audit.list({ search: 'home.change', limit: 1 })).toMatchObject([{ subject: 'home:TIME_ZONE' }]);
    expect(archiveTexts(home)).not.toEqual(archives);
    expect((await verify(house)).flatMap(({ damage }) => damage ?? [])).toEqual([]);
    const billsAgain = await billMonth(house, parseMonth('2026-10')!, { accounts: ['A-2'], check: false });
    // In London October has an hour more: 745 × 0.30, and GST.
    expect(billsAgain.bills).toMatchObject([{ verdict: 'issued' }]);
    const [, second] = house.database
      .prepare<[], { charges: number }>('SELECT charges_cents AS charges FROM invoice')
      .all();
    expect(second).toEqual({ charges: 24_585 });
  });

  it('that was a move of the site leaves every meter point the days it is billed by', async () => {
    const { house } = await octoberBilled();
    expect(await moveDays(house, london, { meterPoints: false })).toEqual({ from: brisbane, moved: 0, kept: 2 });
    expect(zones(house)).toEqual([brisbane, brisbane]);
    expect(house.drafts.list()).toHaveLength(1);
    // Due, so that a kill before they are made again is made good by whoever comes next.
    const due = house.store.archivesDue.list().map(({ period }) => period);
    expect(due).toEqual(expect.arrayContaining(['2026-09', '2026-09-30', '2026-10-31', '2026-11']));
  });
});
