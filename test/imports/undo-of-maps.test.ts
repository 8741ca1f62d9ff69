import { describe, expect, it } from 'vitest';
import { advances } from '../../src/consumption/register-advance.ts';
import { formatKwh } from '../../src/units/energy.ts';
import { instant, type Zone } from '../../src/units/time.ts';
import { testHouse } from '../open-house.ts';
import { dtcFile } from './dtc-file.ts';
import { makeZip } from './make-zip.ts';

const mpan = '1200023305967';

const shows = (value: string, day: string) =>
  dtcFile('D0010002', [`026|${mpan}|V|`, '028|M1|R|', `030|01|${day}000000|${value}|||T|N|`]);

const details = (day: string, multiplier: string) =>
  dtcFile('D0150002', [
    `288|${mpan}|${day}|||`,
    `289|0393|${day}|||`,
    `290|M1${'|'.repeat(25)}`,
    `293|01|C|AI|${multiplier}||5|||`,
  ]);

/** What flowed from one reading to the next, by its sender. */
const flowed = (from: string, to: string, kWh: number) =>
  [
    '100,NEM13,202606010000,MDP,RETAILER',
    `250,${mpan},01,1,01,,M1,E,10,${from}100000,A,,,20,${to}100000,A,,,${kWh},kWh,,20260601120000,`,
    '900',
    '',
  ].join('\r\n');

const newer = (file: string) => file.replace('20260302153151', '20260303153151');

async function house(zone = 'Europe/London') {
  const test = await testHouse({ at: '2026-06-05T12:00:00Z', zone: zone as Zone });
  const headers = { authorization: test.authorization(), 'content-type': 'application/octet-stream' };
  const take = async (payload: string | Buffer) => {
    test.clock.advance(60_000);
    const answer = await test.app.inject({ method: 'POST', url: '/v1/imports?wait=true', headers, payload });
    return answer.json().imports[0] as { id: number; counts: Record<string, number> };
  };
  const undo = async ({ id }: { id: number }) => {
    test.clock.advance(60_000);
    await test.house.importUndos.undo(id, 'test');
  };
  /** What is said of what stands in a file, beside its counts. */
  const findings = async ({ id }: { id: number }) => {
    const answer = await test.app.inject({ url: `/v1/imports/${id}/problems`, headers });
    return (answer.json().data as { rule: string; message: string }[]).map(
      ({ rule, message }) => `${rule} ${message.replace(/^.*?: /, '')}`,
    );
  };
  const register = () => {
    const [series] = test.house.meterPoints.listSeries(test.house.meterPoints.get(mpan).id);
    const readings = test.house.index.list(series!.id, instant(0), instant(1e10));
    return {
      shows: readings.map(({ value }) => formatKwh(value)),
      counts: advances(readings, series!.map).map(each => each && formatKwh(each.energy)),
    };
  };
  const facts = () =>
    test.house.meterPoints
      .listSeries(test.house.meterPoints.get(mpan).id)
      .reduce((sum, { map = [] }) => sum + map.length, 0);
  return { take, undo, register, facts, findings };
}

it('what entered when its file was read again goes when that file is undone', async () => {
  const { take, undo, register } = await house();
  const first = await take(shows('10.0', '20260201'));
  const second = await take(shows('99990.0', '20260101'));
  expect(second.counts).toMatchObject({ rejected: 1, new: 0 });
  await undo(first);
  expect(register().shows).toEqual(['99990']);
  await undo(second);
  expect(register().shows).toEqual([]);
});

it('a multiplier that NEM13 showed and D0150 had told already holds when D0150 is undone', async () => {
  const { take, undo, register } = await house();
  const same = await take(details('20260201', '20.00'));
  await take(flowed('20260201', '20260301', 200));
  expect(register().counts).toEqual(['200']);
  await undo(same);
  expect(register().counts).toEqual(['200']);
});

it('a file that told the same of registers alone holds when one goes that brought readings as well', async () => {
  const { take, undo, register } = await house();
  await take(shows('15.0', '20260301'));
  const members = [details('20260201', '20.00'), shows('10.0', '20260201')];
  const both = await take(makeZip(members.map((content, at) => ({ name: `${at}.usr`, content }))));
  await take(details('20260201', '20.00'));
  await take(shows('10.0', '20260201'));
  expect(register().counts).toEqual(['100']);
  await undo(both);
  expect(register().counts).toEqual(['100']);
});

it('a file that told of more registers than are taken back at once goes as a whole', async () => {
  const { take, undo, facts } = await house();
  const codes = Array.from({ length: 70 }, (_, at) => String(at + 10));
  const [point, configuration, meter] = details('20260201', '20.00').split('\r\n').slice(1, 4);
  const file = dtcFile('D0150002', [
    ...[point!, configuration!, meter!],
    ...codes.map(code => `293|${code}|C|AI|20.00||5|||`),
  ]);
  const told = await take(file);
  expect([told.counts.new, facts()]).toEqual([70, 70]);
  await undo(told);
  expect(facts()).toBe(0);
});

it.each(['Europe/London', 'UTC', 'Australia/Sydney', 'America/New_York'])(
  'a day of D0150 begins on the clock of its readings, in summer too, with the house in %s',
  async zone => {
    const { take, register } = await house(zone);
    await take(details('20260101', '1.00'));
    await take(details('20260401', '20.00'));
    for (const [value, day] of [
      ['50.0', '20260301'],
      ['100.0', '20260401'],
      ['200.0', '20260501'],
    ] as const)
      await take(shows(value, day));
    expect(register().counts).toEqual(['50', '2000']);
  },
);

it('NEM13 says what a register counted before the first day that anything was told of, whichever file comes first', async () => {
  const [sooner, later] = [flowed('20260101', '20260201', 200), details('20260201', '1.00')];
  for (const files of [
    [sooner, later],
    [later, sooner],
  ]) {
    const { take, register } = await house();
    for (const file of files) expect((await take(file)).counts).toMatchObject({ conflicting: 0, rejected: 0 });
    expect(register().counts).toEqual(['200']);
  }
});

it('but not where others have readings, which were counted by what was told first', async () => {
  const { take, register } = await house();
  await take(details('20260201', '1.00'));
  await take(shows('12.0', '20260105'));
  await take(shows('15.0', '20260115'));
  expect((await take(flowed('20260101', '20260201', 200))).counts).toMatchObject({ conflicting: 1 });
  expect(register().counts).toEqual(['2', '3', '5']);
});

describe('of two files of one stamp that tell otherwise of one day', () => {
  const read = async (take: (payload: string) => Promise<unknown>) => {
    await take(shows('10.0', '20260201'));
    await take(shows('15.0', '20260301'));
  };

  it('the first holds, and the other is reported with both values, however often it comes', async () => {
    const { take, register, findings } = await house();
    await read(take);
    expect((await take(details('20260201', '20.00'))).counts).toMatchObject({ new: 1 });
    const other = await take(details('20260201', '40.00'));
    expect(other.counts).toMatchObject({ new: 0, identical: 0, conflicting: 1 });
    expect(await findings(other)).toEqual([
      `D10-17 by this file ${mpan} register 01 has multiplier 40 from 2026-02-01 on; a file of the same stamp said multiplier 20 before, which stays until something newer is told`,
    ]);
    expect((await take(details('20260201', '40.00'))).counts).toMatchObject({ conflicting: 1 });
    expect((await take(details('20260201', '20.00'))).counts).toMatchObject({ identical: 1, conflicting: 0 });
    expect(register().counts).toEqual(['100']);
  });

  it('a newer one settles it, and another day or item is none of it', async () => {
    const { take, register } = await house();
    await read(take);
    await take(details('20260201', '20.00'));
    const pattern = dtcFile('D0149001', [
      `280|${mpan}|20260201|`,
      '281|0393|20260201|',
      '778|00001|',
      '283|M1|',
      '284|01|1|',
    ]);
    for (const file of [pattern, details('20260401', '40.00'), newer(details('20260201', '80.00'))])
      expect((await take(file)).counts).toMatchObject({ new: 1, conflicting: 0 });
    expect(register().counts).toEqual(['400']);
  });

  it('the later line of one file holds, as that says it in its order', async () => {
    const { take, register } = await house();
    await read(take);
    const [head, ...rest] = details('20260201', '20.00').split('\r\n');
    const [mapping, ...end] = rest.splice(3);
    const twice = dtcFile('D0150002', [...rest, mapping!, mapping!.replace('20.00', '40.00')]);
    expect([head, end.length > 0]).toEqual([twice.split('\r\n')[0], true]);
    expect((await take(twice)).counts).toMatchObject({ new: 2, conflicting: 0 });
    expect(register().counts).toEqual(['200']);
  });

  it.each([
    ['the first', 0, '200'],
    ['the other', 1, '100'],
  ])('%s is undone, and what is left holds', async (_which, undone, counts) => {
    const { take, undo, register } = await house();
    await read(take);
    const files = [await take(details('20260201', '20.00')), await take(details('20260201', '40.00'))];
    await undo(files[undone]!);
    expect(register().counts).toEqual([counts]);
  });
});
