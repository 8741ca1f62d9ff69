import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, createKey, type RunningServer, startServer, temporaryHome } from '../server.ts';
import { embeddedNetwork } from '../tariffs/fixtures.ts';
import { pause, ready } from './load.ts';

const libfaketime = ['x86_64', 'aarch64']
  .map(machine => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find(existsSync);
if (!libfaketime) console.warn('SKIPPED: faketime is not here, so the clock of a running server cannot be moved');

const halfHour = 1800;
const meter = 'clock-1';

/** Just before and just after what a clock can meet in Sydney, with jumps back of two days and of a month. */
const moments = [
  ['the year ends', '2027-12-31T12:59:50Z'],
  ['the year has begun', '2027-12-31T13:00:10Z'],
  ['the eve of 29 February', '2028-02-28T12:59:50Z'],
  ['29 February', '2028-02-29T01:00:00Z'],
  ['the first of March', '2028-02-29T13:00:10Z'],
  ['back on 28 February', '2028-02-27T22:15:00Z'],
  ['clocks are about to go back', '2028-04-01T15:59:50Z'],
  ['clocks have gone back', '2028-04-01T16:00:10Z'],
  ['two days earlier', '2028-03-30T16:00:10Z'],
  ['clocks are about to go forward', '2028-09-30T15:59:50Z'],
  ['clocks have gone forward', '2028-09-30T16:00:10Z'],
  ['thirty days later', '2028-10-30T16:00:10Z'],
  ['and two days back', '2028-10-28T16:00:10Z'],
  ['and a month back', '2028-09-28T16:00:10Z'],
] as const;

/** R6 of the safety notes. */
describe.skipIf(libfaketime === undefined)('a clock that jumps under the running server', () => {
  it('loses no day, maintains none twice and bills nobody twice', async () => {
    const home = temporaryHome();
    const clockFile = join(home, 'clock');
    const environment = {
      TIME_ZONE: 'Australia/Sydney',
      DISK_FREE_MIN_MB: '0',
      FLUSH_SECONDS: '1',
      LD_PRELOAD: libfaketime ?? '',
      FAKETIME_TIMESTAMP_FILE: clockFile,
      FAKETIME_NO_CACHE: '1',
      // Without it a jump back stops the timers of the process, which no real clock does.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    const setClock = (to: string) => {
      const ahead = (Date.parse(to) - Date.now()) / 1000;
      // As a whole: the server reads the file at every look at the clock.
      writeFileSync(`${clockFile}.new`, `${ahead < 0 ? '' : '+'}${ahead.toFixed(3)}\n`);
      renameSync(`${clockFile}.new`, clockFile);
    };
    setClock(moments[0][1]);
    const key = await createKey(home, '*', { TIME_ZONE: 'Australia/Sydney' });
    const server = await startServer(home, environment);
    await ready(server);
    const call = (path: string, body?: unknown) => callServer(server, key, path, body);
    await call('/v1/meter-points', { identifier: meter });

    const sent = new Set<number>();
    for (const [name, moment] of moments) {
      setClock(moment);
      const start = Math.floor(Date.parse(moment) / 1000 / halfHour - 1) * halfHour;
      sent.add(start);
      const answer = await call('/v1/readings', { meterPoint: meter, start, energy: '0.25' });
      expect({ name, ...answer }).toMatchObject({ name, body: { verdict: 'accepted' } });
      await pause(300);
    }

    await call('/v1/plans', embeddedNetwork);
    await call('/v1/accounts', { number: 'C-1', name: 'Clock Example', postalAddress: 'Shop 1\nSydney' });
    await call('/v1/accounts/C-1/supplies', { meterPoint: meter, plan: 'IO_CI_01', from: '2028-02-01' });
    setClock('2028-03-02T00:00:00Z');
    const february = { from: Date.parse('2028-01-31T13:00:00Z') / 1000, slots: 29 * 48 };
    const month = Array.from({ length: february.slots }, (_, slot) => february.from + slot * halfHour);
    const readings = month.map(start => ({ meterPoint: meter, start, energy: '0.25' }));
    expect((await call('/v1/readings', readings)).body).toMatchObject({ rejected: 0, conflict: 0 });
    for (const start of month) sent.add(start);
    const bill = async () => {
      const { stdout, stderr } = await cli(home, ['bill', '--month', '2028-02', '--json'], {
        TIME_ZONE: environment.TIME_ZONE,
      });
      expect(stderr).toBe('');
      return (JSON.parse(stdout) as { bills: { account: string; verdict: string }[] }).bills;
    };
    expect(await bill()).toMatchObject([{ account: 'C-1', verdict: 'issued' }]);
    setClock('2028-02-28T00:00:00Z');
    expect((await bill()).filter(({ verdict }) => verdict === 'issued')).toEqual([]);
    setClock('2028-03-31T12:59:59Z');
    await pause(1500);
    expect((await bill()).filter(({ verdict }) => verdict === 'issued')).toEqual([]);
    expect((await call('/v1/accounts/C-1/statement')).body).toMatchObject({ data: [{}] });

    setClock('2028-11-02T00:00:00Z');
    await call('/maintenance/start?maintenance_type=both', {});
    const days = new Set([...sent].map(localDay));
    const missing = () => [...days].filter(day => !existsSync(join(home, 'archive', `daily_${day}.csv`)));
    await expect.poll(missing).toEqual([]);
    const rows = readdirSync(join(home, 'archive'))
      .filter(name => name.startsWith('daily_'))
      .flatMap(name =>
        readFileSync(join(home, 'archive', name), 'utf8')
          .trim()
          .split(/\r?\n/)
          .slice(1),
      );
    expect(rows).toHaveLength(sent.size);
    expect(new Set(rows.map(row => Date.parse(row.split(',')[1]!) / 1000))).toEqual(sent);
    expect(await server.stop()).toBe(0);
    const verified = await cli(home, ['verify'], { TIME_ZONE: 'Australia/Sydney' });
    expect(verified, verified.stdout + verified.stderr).toMatchObject({ code: 0 });
  });
});

const sydneyDay = new Intl.DateTimeFormat('en-CA', { timeZone: 'Australia/Sydney', dateStyle: 'short' });

function localDay(at: number): string {
  return sydneyDay.format(new Date(at * 1000));
}

async function callServer({ url }: RunningServer, key: string, path: string, body?: unknown) {
  const answer = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
