import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advances } from '../../src/consumption/register-advance.ts';
import { nem13 } from '../../src/imports/formats/nem13.ts';
import { formatKwh } from '../../src/units/energy.ts';
import { formatUtc, instant, parseInstant, type Zone } from '../../src/units/time.ts';
import { testHouse } from '../open-house.ts';
import { collectEvents, cutInto, type Events, strict, tolerant, verdicts } from './collect-events.ts';

const header = '100,NEM13,202607010900,MDP1,RETAILR1';

interface Record250 {
  nmi?: string;
  suffix?: string;
  serial?: string;
  direction?: string;
  previous?: string;
  from?: string;
  previousQuality?: string;
  current?: string;
  to?: string;
  quality?: string;
  quantity?: string;
  unit?: string;
  updated?: string;
}

function record(more: Record250 = {}): string {
  const r = {
    ...{
      nmi: '6123456789',
      suffix: '11',
      serial: 'METER1',
      direction: 'E',
      previous: '00100.0',
      from: '20260301101500',
    },
    ...{ previousQuality: 'A,,', current: '00350.5', to: '20260601093000', quality: 'A,,', quantity: '250.5' },
    ...{ unit: 'kWh', updated: '20260602013500' },
    ...more,
  };
  return `250,${r.nmi},1141,1,${r.suffix},N1,${r.serial},${r.direction},${r.previous},${r.from},${r.previousQuality},${r.current},${r.to},${r.quality},${r.quantity},${r.unit},20260901,${r.updated},`;
}

function file(...records: string[]): string {
  return `${[header, ...records, '900'].join('\r\n')}\r\n`;
}

function read(...records: Record250[]): Events {
  return collectEvents(nem13, file(...records.map(record)));
}

describe('a NEM13 file', () => {
  it('becomes both reads of each register, at UTC+10, with the version of their record', () => {
    const { readings, advances, headers, facts, problems } = read({});
    expect(problems).toEqual([]);
    expect(readings.map(({ at }) => formatUtc(at))).toEqual(['2026-03-01T00:15:00Z', '2026-05-31T23:30:00Z']);
    expect(readings[1]).toMatchObject({
      meterPoint: '6123456789',
      meterSerial: 'METER1',
      registerId: '11',
      flow: 'from-grid',
      unit: 'kWh',
      value: 350_500_000,
      quality: 'actual',
      line: 2,
    });
    expect(readings.map(({ versionAt }) => formatUtc(versionAt))).toEqual([
      '2026-06-01T15:35:00Z',
      '2026-06-01T15:35:00Z',
    ]);
    expect(advances).toEqual([expect.objectContaining({ quantity: 250_500_000, registerId: '1', isEnergy: true })]);
    expect(headers[0]).toMatchObject({ flow: 'NEM13', sender: 'MDP1', receiver: 'RETAILR1' });
    expect(facts).toEqual([expect.objectContaining({ complete: true, lines: 3, records: 2, errors: 0, warnings: 0 })]);
  });

  it('tells a read that the next record quotes once, with its own version', () => {
    const later = {
      previous: '00350.5',
      from: '20260601093000',
      current: '400',
      to: '20260701080000',
      quantity: '49.5',
    };
    const { readings } = read({}, { ...later, updated: '20260702013500' });
    expect(readings.map(({ value, versionAt }) => `${formatKwh(value)} ${formatUtc(versionAt)}`)).toEqual([
      '100 2026-06-01T15:35:00Z',
      '350.5 2026-06-01T15:35:00Z',
      '400 2026-07-01T15:35:00Z',
    ]);
  });

  it('keeps why a read is substituted', () => {
    const { readings } = read({ previousQuality: 'S61,52,', quality: 'S62,0,dog in the yard' });
    expect(
      readings.map(({ quality, span }) => [quality, span?.flag, span?.method, span?.reasonCode, span?.reasonText]),
    ).toEqual([
      ['substituted', 'S', '61', '52', ''],
      ['substituted', 'S', '62', '0', 'dog in the yard'],
    ]);
  });

  it.each<[title: string, record: Record250, problems: string[], kept: number]>([
    ['what the dial gained', {}, [], 2],
    [
      'a dial that began again at zero',
      { previous: '99990.0', current: '00010.5', quantity: '20.5' },
      ['warning N13-2 L2 ignored'],
      2,
    ],
    [
      'a twelve-digit dial that did',
      { previous: '999999999.00', current: '000000009.00', quantity: '10' },
      ['warning N13-2 L2 ignored'],
      2,
    ],
    ['a multiplier', { quantity: '10020' }, ['warning N13-2 L2 ignored'], 2],
    [
      'a multiplier and a dial that began again at zero',
      { previous: '99990.0', current: '00010.5', quantity: '820' },
      ['warning N13-2 L2 ignored', 'warning N13-2 L2 ignored'],
      2,
    ],
    ['half of what the dial gained', { quantity: '125.25' }, ['error N13-2 L2 rejected'], 0],
    ['more than any transformer', { quantity: '500000000.5' }, ['error N13-2 L2 rejected'], 0],
    ['another energy', { quantity: '31' }, ['error N13-2 L2 rejected'], 0],
    [
      'decimals that the dial has not',
      { previous: '100', current: '350', quantity: '250.294' },
      ['warning N13-2 L2 ignored'],
      2,
    ],
    ['a generation register counted down', { direction: 'I', quantity: '-250.5' }, ['warning N13-4 L2 ignored'], 2],
    ['a maximum demand', { unit: 'kW', current: '877', quantity: '8.77' }, [], 2],
    ['an estimate of a day to come', { quality: 'E62,,', to: '20260801000000' }, ['warning N13-6 L2 ignored'], 1],
    ['an estimate of a day gone by', { quality: 'E62,,' }, [], 2],
    ['quality V', { quality: 'V,,' }, ['error N13-9 L2 rejected'], 0],
    ['quality N', { previousQuality: 'N,,' }, ['error N13-9 L2 rejected'], 0],
    ['quality T', { quality: 'T,,' }, ['error N12-23 L2 rejected'], 0],
    ['a dial below zero', { previous: '-1' }, ['error N13-2 L2 rejected'], 0],
    ['no number', { current: '12x' }, ['error N13-2 L2 rejected'], 0],
    ['an exponent', { quantity: '1e3' }, ['error N13-2 L2 rejected'], 0],
    ['neither direction', { direction: 'X' }, ['error N13-5 L2 rejected'], 0],
    ['no unit', { unit: '' }, ['error N12-17 L2 rejected'], 0],
    ['a period that runs backwards', { to: '20260101000000' }, ['error N13-7 L2 rejected'], 0],
    ['a stamp of fifteen digits', { from: '200603010000000' }, ['warning N12-29 L2 repaired'], 2],
    ['no time', { to: '20260632' }, ['error N12-29 L2 rejected'], 0],
    ['no version', { updated: '' }, ['warning N12-30 L2 repaired'], 2],
    ['a wrong check digit', { nmi: '61234567890' }, ['error N12-13 L2 rejected'], 0],
  ])('%s: %j', (_, more, expected, kept) => {
    const { problems, readings } = read(more);
    expect(verdicts(problems)).toEqual(expected);
    expect(readings).toHaveLength(kept);
  });

  it('of a maximum demand enters whole, though it is lower than the month before: each read stands for itself (N13-3)', async () => {
    const { app, house, authorization } = await testHouse({ zone: '+10:00' });
    const headers = { authorization: authorization(), 'content-type': 'application/octet-stream' };
    const months = [
      ['20260301000000', '900', '20260401000000', '877'],
      ['20260401000000', '877', '20260501000000', '910'],
      ['20260501000000', '910', '20260601000000', '12'],
    ] as const;
    const body = file(
      ...months.map(([from, previous, to, current]) =>
        record({ unit: 'kW', from, previous, to, current, quantity: current }),
      ),
    );
    const answer = await app.inject({ method: 'POST', url: '/v1/imports?wait=true', body, headers });
    expect(answer.json().imports[0].counts).toMatchObject({ new: 4, rejected: 0 });
    const [series] = house.meterPoints.listSeries(house.meterPoints.get('6123456789').id);
    const readings = house.index.list(series!.id, instant(0), instant(1e10));
    expect(readings.map(({ value }) => formatKwh(value))).toEqual(['900', '877', '910', '12']);
  });

  it.each<[digits: number | undefined, values: string[]]>([
    [undefined, ['99990', '10.5']],
    [5, ['99990', '10.5']],
    // By a dial of six the register counts down.
    [6, ['99990']],
  ])(
    'that rolled over enters, as its quantity says how wide the dial is, unless %s digits were told',
    async (digits, values) => {
      const { app, house, authorization } = await testHouse({ zone: '+10:00' });
      const headers = { authorization: authorization() };
      const take = async (body: string) => {
        const octets = { ...headers, 'content-type': 'application/octet-stream' };
        const answer = await app.inject({ method: 'POST', url: '/v1/imports?wait=true', body, headers: octets });
        return house.imports.listProblems(answer.json().imports[0].id).map(({ message }) => message);
      };
      if (digits !== undefined) {
        await take(
          file(record({ from: '20260101000000', to: '20260101000000', previous: '1', current: '1', quantity: '0' })),
        );
        const told = { register: '11', meter: 'METER1', from: '2026-01-01', digits };
        const url = '/v1/meter-points/6123456789/register-map';
        expect((await app.inject({ method: 'PUT', url, headers, body: told })).statusCode).toBe(200);
      }
      const messages = await take(file(record({ previous: '99990.0', current: '00010.5', quantity: '20.5' })));
      expect(messages.join()).toContain('began again at zero, as the quantity says');
      expect(messages.some(message => message.includes('has 5 digits, and the register map says something else'))).toBe(
        digits === 6,
      );
      const [series] = house.meterPoints.listSeries(house.meterPoints.get('6123456789').id);
      const readings = house.index.list(series!.id, instant(Date.parse('2026-02-01T00:00:00Z') / 1000), instant(1e10));
      expect(readings.map(({ value }) => formatKwh(value))).toEqual(values);
      if (values.length > 1) expect(formatKwh(advances(readings, series!.map)[0]!.energy)).toBe('20.5');
    },
  );

  it('points at the field', () => {
    const [problem] = read({ quantity: '31' }).problems;
    expect(problem!.message).toBe(
      'line 2, column 92: the quantity "31" is not the difference of the reads, nor a whole multiple of it; energy taken from these reads would be wrong',
    );
    expect(read({ quantity: '10020' }).problems[0]!.message).toContain(
      '40 times the difference of the reads: the register has',
    );
  });

  it.each<[told: number | undefined, direction: string, problems: RegExp[], energy: string]>([
    [undefined, 'E', [/40 times the difference/], '10020'],
    [undefined, 'I', [/40 times the difference/], '10020'],
    [40, 'E', [/40 times the difference/], '10020'],
    [
      80,
      'E',
      [/40 times the difference/, /counts 40 times what its dial shows, and the register map says something else/],
      '20040',
    ],
  ])(
    'bills its quantity by a multiplier that nobody told before, told %s: %s',
    async (told, direction, problems, energy) => {
      const { app, house, authorization } = await testHouse({ zone: '+10:00' });
      const headers = { authorization: authorization() };
      const take = async (body: string) => {
        const octets = { ...headers, 'content-type': 'application/octet-stream' };
        const answer = await app.inject({ method: 'POST', url: '/v1/imports?wait=true', body, headers: octets });
        const { id } = answer.json().imports[0];
        return house.imports.listProblems(id).map(({ message }) => message);
      };
      if (told !== undefined) {
        await take(
          file(record({ direction, from: '20260101000000', to: '20260101000000', quantity: '0', current: '00100.0' })),
        );
        const url = '/v1/meter-points/6123456789/register-map';
        const body = { register: '11', meter: 'METER1', from: '2026-01-01', multiplier: String(told) };
        expect((await app.inject({ method: 'PUT', url, headers, body })).statusCode).toBe(200);
      }
      const messages = await take(file(record({ direction, quantity: '10020' })));
      expect(messages).toEqual(problems.map(problem => expect.stringMatching(problem)));
      const [series] = house.meterPoints.listSeries(house.meterPoints.get('6123456789').id);
      expect(series).toMatchObject({ flow: direction === 'I' ? 'to-grid' : 'from-grid', unit: 'kWh' });
      const readings = house.index.list(series!.id, instant(0), instant(1e10));
      expect(formatKwh(advances(readings, series!.map).at(-1)!.energy)).toBe(energy);
    },
  );

  it('of a multiplier of 1 is held against what the register map says, as any other is', async () => {
    const { app, house, authorization } = await testHouse({ zone: '+10:00' });
    const headers = { authorization: authorization() };
    const take = async (body: string) => {
      const octets = { ...headers, 'content-type': 'application/octet-stream' };
      const answer = await app.inject({ method: 'POST', url: '/v1/imports?wait=true', body, headers: octets });
      const { id, counts } = answer.json().imports[0];
      return { counts, messages: house.imports.listProblems(id).map(({ message }) => message) };
    };
    const energies = () => {
      const [series] = house.meterPoints.listSeries(house.meterPoints.get('6123456789').id);
      const readings = house.index.list(series!.id, instant(0), instant(1e10));
      return advances(readings, series!.map).map(each => each && formatKwh(each.energy));
    };
    // Nobody told anything: the file says that it is 1, and no later file makes that untrue for its reads.
    expect(await take(file(record({})))).toMatchObject({ counts: { new: 2 }, messages: [] });
    const later = { previous: '00350.5', from: '20260601093000', current: '400.5', to: '20260701080000' };
    // From a later day on it is what the later file says: that makes nothing untrue of the first.
    expect((await take(file(record({ ...later, quantity: '2000' })))).messages).toEqual([
      expect.stringContaining('40 times the difference'),
    ]);
    expect(energies()).toEqual(['250.5', '2000']);
    // A third one that says otherwise of the same time is held against it, and so is one of a time that both have counted.
    const otherwise = 'counts 1 times what its dial shows, and the register map says something else';
    expect((await take(file(record({ ...later, quantity: '50' })))).messages).toEqual([
      expect.stringContaining(otherwise),
    ]);
    const within = {
      previous: '300.5',
      from: '20260415000000',
      current: '350.5',
      to: '20260601093000',
      quantity: '1000',
    };
    expect((await take(file(record(within)))).messages.join()).toContain('counts 20 times');
    expect(energies()).toEqual(['200.5', '50', '2000']);
  });

  it('in which nothing flowed says nothing of a multiplier', () => {
    const later = {
      previous: '00350.5',
      from: '20260601093000',
      current: '350.5',
      to: '20260701080000',
      quantity: '0',
    };
    const { problems, readings, mappings } = read({ quantity: '10020' }, later);
    expect(verdicts(problems)).toEqual(['warning N13-2 L2 ignored']);
    expect([readings.length, mappings.length]).toEqual([3, 1]);
  });

  it('whose multiplier changes tells the register map so, from the day of the read on', () => {
    const summer = { previous: '00350.5', from: '20260601093000', current: '400.5', to: '20260701080000' };
    const autumn = { previous: '00400.5', from: '20260701080000', current: '410.5', to: '20260901000000' };
    const { problems, readings, mappings } = read(
      { quantity: '10020' },
      { ...summer, quantity: '50' },
      { ...autumn, quantity: '10' },
    );
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(readings).toHaveLength(4);
    expect(
      mappings.map(({ from, multiplierMicro, derivedAt }) => [from, multiplierMicro, formatUtc(derivedAt!)]),
    ).toEqual([
      ['2026-03-01', 40e6, '2026-03-01T00:15:00Z'],
      ['2026-06-01', 1e6, '2026-05-31T23:30:00Z'],
    ]);
  });

  it.each<[title: string, record: Record250, against: number]>([
    ['the same time', { quantity: '250.5' }, 40],
    [
      'a part of the same time',
      { previous: '300', from: '20260501000000', current: '400', to: '20260701000000', quantity: '100' },
      40,
    ],
    [
      'another part of the same day',
      { previous: '90', from: '20260301000000', current: '100', to: '20260301101500', quantity: '10' },
      40,
    ],
  ])('in which a register has two multipliers in %s contradicts itself', (_title, other, against) => {
    const { problems, mappings } = read({ quantity: '10020' }, other);
    const [problem] = problems.filter(({ severity }) => severity === 'error');
    expect(verdicts([problem!])).toEqual(['error N13-2 L3 rejected']);
    expect(problem!.message).toContain(`and on line 2 it is ${against} times for a part of the same time or day`);
    expect(mappings).toHaveLength(1);
  });

  it('is counted as it says, whatever its multipliers and the order of its records', async () => {
    // Periods that follow each other, with gaps between some, and a multiplier each.
    const periods = fc.array(
      fc.record({
        days: fc.integer({ min: 1, max: 40 }),
        gap: fc.constantFrom(0, 0, 9),
        multiplier: fc.constantFrom(1, 20, 40),
      }),
      { minLength: 1, maxLength: 6 },
    );
    const order = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
    const test = await testHouse({ zone: 'Australia/Adelaide' });
    const headers = { authorization: test.authorization(), 'content-type': 'application/octet-stream' };
    const take = async (body: string) => {
      const answer = await test.app.inject({ method: 'POST', url: '/v1/imports?wait=true', body, headers });
      return answer.json().imports[0].counts;
    };
    const stamp = (day: number) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10).replaceAll('-', '');
    let number = 0;
    await fc.assert(
      fc.asyncProperty(periods, order, fc.integer({ min: 1, max: 6 }), async (drawn, keys, cut) => {
        const nmi = `6${String(++number).padStart(9, '0')}`;
        let [day, value] = [0, 100];
        const all = drawn.map(({ days, gap, multiplier }) => {
          const [begins, shows] = [day + gap, value + gap];
          [day, value] = [begins + days, shows + days];
          const reads = {
            previous: String(shows),
            from: `${stamp(begins)}000000`,
            current: String(value),
            to: `${stamp(day)}000000`,
          };
          return {
            row: record({ nmi, ...reads, quantity: String(days * multiplier) }),
            at: reads.from,
            energy: days * multiplier,
          };
        });
        const mixed = all.map(each => ({ ...each, key: keys.next().value })).sort((a, b) => a.key - b.key);
        // In two files, too.
        const files = [mixed.slice(0, cut), mixed.slice(cut)].filter(some => some.length > 0);
        const whole = await take(file(...mixed.map(({ row }) => row)));
        expect(whole).toMatchObject({ conflicting: 0, rejected: 0 });
        for (const some of files)
          expect(await take(file(...some.map(({ row }) => row)))).toMatchObject({ new: 0, conflicting: 0 });
        const [series] = test.house.meterPoints.listSeries(test.house.meterPoints.get(nmi).id);
        const readings = test.house.index.list(series!.id, instant(0), instant(1e10));
        const counted = new Map(
          advances(readings, series!.map).map((each, at) => [readings[at]!.at, each && formatKwh(each.energy)]),
        );
        const told = all.map(
          ({ at, energy }) =>
            [
              parseInstant(`${at.slice(0, 4)}-${at.slice(4, 6)}-${at.slice(6, 8)}T00:00:00+10:00`, 'UTC' as Zone),
              String(energy),
            ] as const,
        );
        for (const [at, energy] of told) expect([at, counted.get(at!)]).toEqual([at, energy]);
      }),
      { numRuns: 25 },
    );
  });

  it.each<[title: string, files: [from: string, to: string, multiplier: number][][]]>([
    [
      'when its records run backwards behind those of an earlier file',
      [
        [['0101', '0122', 40]],
        [
          ['0216', '0223', 60],
          ['0122', '0216', 60],
        ],
      ],
    ],
    [
      'on both sides of what an earlier file has counted',
      [
        [['0101', '0115', 60]],
        [['0201', '0210', 40]],
        [
          ['0115', '0201', 60],
          ['0210', '0301', 60],
        ],
      ],
    ],
  ])('is counted as it says %s', async (_title, files) => {
    const { app, house, authorization } = await testHouse({ zone: '+10:00' });
    const headers = { authorization: authorization(), 'content-type': 'application/octet-stream' };
    const dayIn = (date: string) =>
      Date.parse(`2026-${date.slice(0, 2)}-${date.slice(2)}T00:00:00+10:00`) / 86_400_000 - 20_000;
    for (const periods of files) {
      const rows = periods.map(([from, to, multiplier]) =>
        record({
          ...{ previous: String(Math.round(dayIn(from))), from: `2026${from}000000` },
          ...{ current: String(Math.round(dayIn(to))), to: `2026${to}000000` },
          quantity: String(Math.round(dayIn(to) - dayIn(from)) * multiplier),
        }),
      );
      const answer = await app.inject({ method: 'POST', url: '/v1/imports?wait=true', body: file(...rows), headers });
      expect(answer.json().imports[0].counts).toMatchObject({ conflicting: 0, rejected: 0 });
    }
    const [series] = house.meterPoints.listSeries(house.meterPoints.get('6123456789').id);
    const counted = advances(house.index.list(series!.id, instant(0), instant(1e10)), series!.map);
    const told = files.flat().sort(([one], [other]) => (one < other ? -1 : 1));
    expect(counted.filter(Boolean).map(each => formatKwh(each!.energy))).toEqual(
      told.map(([from, to, multiplier]) => String(Math.round(dayIn(to) - dayIn(from)) * multiplier)),
    );
  });

  it('tells gaps and overlaps between the periods of a register', () => {
    const gap = { previous: '400', from: '20260615000000', current: '450', to: '20260701080000', quantity: '50' };
    expect(verdicts(read({}, gap).problems)).toEqual(['warning N13-7 L3 ignored']);
    const overlap = { ...gap, from: '20260515000000' };
    expect(read({}, overlap).problems[0]!.message).toContain('overlaps the one on line 2');
    expect(read({}, { ...gap, suffix: '41' }).problems).toEqual([]);
  });

  it('passes over transactions, and over blocks and records that are not NEM13', () => {
    const nem12 = '200,6123456789,E1,1,E1,N1,METER1,kWh,30,20260901';
    const text = [
      header,
      '550,N,,A,',
      record(),
      '550,N,,Q,',
      nem12,
      '900',
      '100,NEM12,202607010900,MDP1,RETAILR1',
      nem12,
      '900',
      '',
    ];
    const { problems, readings } = collectEvents(nem13, text.join('\r\n'));
    expect(verdicts(problems)).toEqual([
      'error N13-1 L2 rejected',
      'warning N12-28 L4 ignored',
      'error N13-1 L5 rejected',
      'error N12-1 L7 rejected',
      'error N13-1 L8 rejected',
    ]);
    expect(readings).toHaveLength(2);
  });

  it('without a header or trailer is read all the same when tolerant', () => {
    const text = `${record()}\r\n`;
    expect(verdicts(collectEvents(nem13, text, tolerant).problems)).toEqual([
      'warning N12-7 L1 repaired',
      'warning N12-7 L1 ignored',
    ]);
    expect(verdicts(collectEvents(nem13, text, strict).problems)).toContain('error N12-7 L1 rejected');
  });

  it('gives a record that breaks off at the end of the file to nobody', () => {
    const { readings, problems } = collectEvents(nem13, `${header}\r\n${record()}`);
    expect(readings).toEqual([]);
    expect(verdicts(problems)).toContain('error N12-7 L2 rejected');
  });

  it('says the same however its bytes are cut', () => {
    const bytes = Buffer.from(file(record(), record({ suffix: '41', quantity: '7' }), '550,N,,A,'));
    const whole = collectEvents(nem13, bytes);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), lengths => {
        expect(collectEvents(nem13, cutInto(bytes, lengths))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('never throws on a damaged file, and every read it gives is whole', () => {
    const bytes = Buffer.from(file(record(), record({ suffix: '41' }), '550,N,,A,'));
    const damage = fc.record({ at: fc.nat(bytes.length - 1), bytes: fc.uint8Array({ maxLength: 4 }), drop: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 6 }), damages => {
        let damaged = bytes;
        for (const { at, bytes: put, drop } of damages) {
          const place = Math.min(at, damaged.length);
          damaged = Buffer.concat([damaged.subarray(0, place), put, damaged.subarray(place + drop)]);
        }
        const { readings, facts } = collectEvents(nem13, damaged);
        expect(facts).toHaveLength(1);
        for (const { value, at } of readings)
          expect(Number.isSafeInteger(value) && value >= 0 && Number.isInteger(at)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
