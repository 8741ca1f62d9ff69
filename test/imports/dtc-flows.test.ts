import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Format } from '../../src/imports/format.ts';
import { d0010 } from '../../src/imports/formats/d0010.ts';
import { d0036 } from '../../src/imports/formats/d0036.ts';
import { d0086 } from '../../src/imports/formats/d0086.ts';
import { d0149 } from '../../src/imports/formats/d0149.ts';
import { d0150 } from '../../src/imports/formats/d0150.ts';
import { d0275 } from '../../src/imports/formats/d0275.ts';
import { d0379 } from '../../src/imports/formats/d0379.ts';
import { qualities } from '../../src/readings/reading.ts';
import { formatUtc } from '../../src/units/time.ts';
import { collectEvents, cutInto, type Events, strict, tolerant, verdicts } from './collect-events.ts';
import { dtcFile, halfHours } from './dtc-file.ts';

const mpan = '1200023305967';

/** One right file of each flow, and where it is broken on purpose. */
interface FlowCase {
  format: Format;
  flow: string;
  groups: string[];
  records: number;
  /** A group under the first level, and the verdict when it comes without what it belongs under. */
  orphan: string;
}

const flows: FlowCase[] = [
  {
    format: d0010,
    flow: 'D0010002',
    groups: [`026|${mpan}|V|`, '028|M1|R|', '030|S|20260222000000|56311.0|||T|N|', '032|05|T|'],
    records: 1,
    orphan: '030|S|20260222000000|56311.0|||T|N|',
  },
  {
    format: d0086,
    flow: 'D0086002',
    groups: [`196|${mpan}|V|`, '765|01|seen|', '197|M1|A|', '198|S|20260518000000|256980.0|||T|N|', '07A|05|T|'],
    records: 1,
    orphan: '198|S|20260518000000|256980.0|||T|N|',
  },
  {
    format: d0149,
    flow: 'D0149001',
    groups: [`280|${mpan}|20260518|`, '281|0393|20260518|', '778|00001|', '283|M1|', '284|01|1|'],
    records: 1,
    orphan: '284|01|1|',
  },
  {
    format: d0150,
    flow: 'D0150002',
    groups: [
      `288|${mpan}|20260515||E|`,
      '289|0393|20260515|||',
      '290|M1|||5|J|Maker X1|MAPX|||||||||||RCAMY|20260515|20260315||||R|20260515|',
      '291|200/5|',
      '293|01|C|AI|40.00||5|||',
      '293|02|C|AE|1.00||7|||',
    ],
    records: 2,
    orphan: '293|01|C|AI|40.00||5|||',
  },
  {
    format: d0036,
    flow: 'D0036001',
    groups: [`101|${mpan}|AI|RETL|`, '102|20260623|', ...halfHours('103', 48, at => `A|${at}.5`)],
    records: 1,
    orphan: '103|A|1.5|',
  },
  {
    format: d0275,
    flow: 'D0275001',
    groups: [`25B|${mpan}|AI|RETL|`, '26B|20260623|', ...halfHours('27B', 48, at => `A|${at}.5`)],
    records: 1,
    orphan: '27B|A|1.5|',
  },
  {
    format: d0379,
    flow: 'D0379001',
    groups: [`25B|${mpan}|AI|RETL|`, '26B|20260623|', ...halfHours('66L', 48, at => `A|0.${100 + at}`)],
    records: 1,
    orphan: '66L|A|0.100|',
  },
];

describe.each(flows)('flow $flow', ({ format, flow, groups, records, orphan }) => {
  const right = dtcFile(flow, groups);

  it('is read without a word when it is right, strictly too', () => {
    const { problems, facts, readings, runs, mappings } = collectEvents(format, right, strict);
    expect(problems).toEqual([]);
    expect(facts[0]).toMatchObject({ complete: true, records, errors: 0, lines: groups.length + 2 });
    expect(readings.length + runs.length + mappings.length).toBe(records);
  });

  it.each([
    ['a count that is not true', (text: string) => text.replace(/ZPT\|(\d+)\|\d+/, 'ZPT|$1|999'), 'D10-3'],
    ['a meter point count that is not true', (text: string) => text.replace(/\|1\|(\d{14}\|\s*)$/, '|9|$1'), 'D10-3'],
    ['a trailer of another file', (text: string) => text.replace('ZPT|0000000042', 'ZPT|0000000043'), 'D10-2'],
    ['a checksum of letters', (text: string) => text.replace(/(ZPT\|\d+\|\d+\|)/, '$1abc'), 'D10-2'],
    ['no trailer', (text: string) => text.replace(/ZPT.*\s*$/, ''), 'D10-2'],
    ['a wrong check digit', (text: string) => text.replace(mpan, '1200023305968'), 'D10-8'],
  ])('with %s warns, and is refused when reading is strict', (_what, change, rule) => {
    const text = change(right);
    expect(text).not.toBe(right);
    const told = collectEvents(format, text).problems;
    expect(told.map(({ rule: broken, severity }) => `${severity} ${broken}`)).toEqual([`warning ${rule}`]);
    expect(collectEvents(format, text, strict).problems[0]).toMatchObject({ rule, severity: 'error' });
  });

  it('keeps the checksum it was sent and computes none', () => {
    const { facts, problems } = collectEvents(format, right.replace(/(ZPT\|\d+\|\d+\|)/, '$11234567890'));
    expect(problems).toEqual([]);
    expect(facts[0]!.checksum).toBe('1234567890');
  });

  it('rejects an orphan on its line and reads the rest', () => {
    const { problems, facts } = collectEvents(format, dtcFile(flow, [...groups, groups[0]!, orphan]));
    expect(verdicts(problems)).toEqual([`error D10-5 L${groups.length + 3} rejected`]);
    expect(facts[0]!.records).toBe(records);
  });

  it('rejects a meter point that is none with everything under it, and reads the next one', () => {
    const wrong = groups.map(group => group.replace(mpan, '12000'));
    const { problems, facts } = collectEvents(format, dtcFile(flow, [...wrong, ...groups]));
    expect(problems.map(({ rule, line }) => `${rule} L${line}`)).toEqual(['D10-8 L2', 'D10-5 L3']);
    expect(facts[0]!.records).toBe(records);
  });

  it('rejects a group it does not know and waits for the next meter point', () => {
    const { problems, facts } = collectEvents(format, dtcFile(flow, ['99Z|x|', ...groups]).replace('||9', '||1'));
    expect(problems[0]).toMatchObject({ rule: 'D10-5', line: 2, severity: 'error' });
    expect(problems[0]!.message).toContain(`"99Z" is not a group of ${flow.slice(0, 5)}`);
    expect(facts[0]!.records).toBe(records);
  });

  it('is a test when its header says so', () => {
    expect(collectEvents(format, right.replace('OPER', 'TR01')).headers[0]!.isTest).toBe(true);
  });

  it('reads another version of itself with a warning, and another flow not at all', () => {
    expect(verdicts(collectEvents(format, right.replace(flow, `${flow.slice(0, 5)}009`)).problems)).toEqual([
      'warning D10-6 L1 ignored',
    ]);
    const other = collectEvents(format, right.replace(flow, 'D0300001'));
    expect(other.problems[0]!.message).toContain(
      'flow D0300 (Disputed Readings or Missing Readings on Change of Supplier) is not supported',
    );
    expect(other.problems[0]!.message).toContain('post the reading that was agreed');
    expect(other.facts[0]!.records).toBe(0);
  });

  it('is the same in whatever portions it comes', () => {
    const bytes = Buffer.from(right);
    const whole = collectEvents(format, bytes);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 }), lengths => {
        expect(collectEvents(format, cutInto(bytes, lengths))).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });

  it('never throws when it is damaged, and gives only what is whole', () => {
    const bytes = Buffer.from(right);
    const change = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 10 }), fc.nat(bytes.length), (changes, length) => {
        const damaged = Buffer.from(bytes.subarray(0, length));
        for (const { at, byte } of changes) if (at < length) damaged[at] = byte;
        expectWhole(collectEvents(format, damaged));
        expectWhole(collectEvents(format, damaged, strict));
      }),
      { numRuns: 120 },
    );
  });
});

function expectWhole({ readings, runs, mappings, facts }: Events): void {
  expect(facts).toHaveLength(1);
  for (const { value, at, registerId } of readings)
    expect(Number.isSafeInteger(value) && Number.isSafeInteger(at) && registerId !== '').toBe(true);
  for (const { energies, qualities: codes, spans, startsAt } of runs) {
    expect([46, 48, 50]).toContain(energies.length);
    expect(codes).toHaveLength(energies.length);
    expect(spans.at(-1)!.to).toBe(energies.length);
    expect(Number.isSafeInteger(startsAt)).toBe(true);
  }
  for (const { digits = 1, multiplierMicro = 1 } of mappings)
    expect(digits >= 1 && digits <= 9 && multiplierMicro > 0).toBe(true);
}

describe('half-hours', () => {
  const day = (date: string, count: number, energy = (at: number) => `A|${at}.0`) => [
    `101|${mpan}|AI|RETL|`,
    `102|${date}|`,
    ...halfHours('103', count, energy),
  ];

  it.each([
    ['20260623', 48, '2026-06-22T23:00:00Z', '2026-06-23T23:00:00Z'],
    ['20260329', 46, '2026-03-29T00:00:00Z', '2026-03-29T23:00:00Z'],
    ['20261025', 50, '2026-10-24T23:00:00Z', '2026-10-26T00:00:00Z'],
    ['20261221', 48, '2026-12-21T00:00:00Z', '2026-12-22T00:00:00Z'],
  ])('of the London day %s are %i, from %s to %s', (date, count, from, to) => {
    const { runs, problems } = collectEvents(d0036, dtcFile('D0036001', day(date, count)));
    expect(problems).toEqual([]);
    const run = runs[0]!;
    expect(formatUtc(run.startsAt)).toBe(from);
    expect(run.startsAt + run.energies.length * 1800).toBe(Date.parse(to) / 1000);
    expect([run.energies[0], run.energies.at(-1)]).toEqual([0, (count - 1) * 1e6]);
    expect([run.line, run.lineStep]).toEqual([4, 1]);
  });

  it.each([
    ['20260329', 48],
    ['20260329', 50],
    ['20261025', 48],
    ['20261025', 46],
    ['20260623', 46],
    ['20260623', 0],
  ])('of the London day %s are not %i: the day is rejected, for nobody can say which is which', (date, count) => {
    const { runs, problems } = collectEvents(d0036, dtcFile('D0036001', [...day(date, count), ...day('20260624', 48)]));
    expect(verdicts(problems)).toEqual(['error D10-21 L3 rejected']);
    expect(runs).toHaveLength(1);
  });

  it.each([
    ['20260329', d0275, 'D0275001', '27B'],
    ['20261025', d0379, 'D0379001', '66L'],
  ] as const)('of the UTC day %s are 48 on days of clock changes too', (date, format, flow, code) => {
    const text = dtcFile(flow, [`25B|${mpan}|AI|RETL|`, `26B|${date}|`, ...halfHours(code, 48, () => 'A|0.5')]);
    const { runs, problems } = collectEvents(format, text);
    expect(problems).toEqual([]);
    expect(formatUtc(runs[0]!.startsAt)).toMatch(/T00:00:00Z$/);
  });

  it.each([
    ['AI', 'from-grid', 'kWh', true],
    ['AE', 'to-grid', 'kWh', true],
    ['RI', 'reactive', 'kVArh', false],
    ['RE', 'reactive', 'kVArh', false],
  ])('of quantity %s are %s, in %s', (quantity, role, unit, isEnergy) => {
    const groups = day('20260623', 48);
    groups[0] = groups[0]!.replace('|AI|', `|${quantity}|`);
    const { runs } = collectEvents(d0036, dtcFile('D0036001', groups));
    expect(runs[0]!.channel).toMatchObject({ suffix: quantity, role, unit, isEnergy, lengthMinutes: 30 });
  });

  it('keep their quality, and one that cannot be read is a gap, never zero', () => {
    const energy = (at: number) => (at === 3 ? 'A|oops' : at === 4 ? 'E|7.5' : at === 5 ? 'A|-2.0' : 'A|1.0');
    const { runs, problems } = collectEvents(d0036, dtcFile('D0036001', day('20260623', 48, energy)));
    const { energies, qualities: codes, spans } = runs[0]!;
    expect(Array.from(energies.slice(2, 6))).toEqual([1e6, Number.NaN, 7.5e6, -2e6]);
    expect(Array.from(codes.slice(2, 6), each => qualities[each])).toEqual([
      'actual',
      'missing',
      'estimated',
      'actual',
    ]);
    expect(spans.map(({ from, to, flag }) => `${from}-${to}${flag}`)).toEqual(['0-3A', '3-4', '4-5E', '5-48A']);
    expect(verdicts(problems)).toEqual(['error D10-14 L7 rejected', 'warning D10-14 L9 ignored']);
  });

  it('are marked C on long days; on another day that is worth a word', () => {
    const long = collectEvents(
      d0036,
      dtcFile(
        'D0036001',
        day('20261025', 50, () => 'C|1.0'),
      ),
    );
    expect(long.problems).toEqual([]);
    const plain = collectEvents(
      d0036,
      dtcFile(
        'D0036001',
        day('20260623', 48, () => 'C|1.0'),
      ),
    );
    expect(verdicts(plain.problems)).toEqual(['warning D10-21 L4 ignored']);
    expect(plain.runs).toHaveLength(1);
  });

  it('of smart meters may carry a validated flag, which is told and not used', () => {
    const hours = halfHours('66L', 48, () => 'A|0.5');
    const text = dtcFile('D0379001', [`25B|${mpan}|AI|RETL|`, '26B|20260623|', '64L|T|', ...hours]);
    const { runs, problems } = collectEvents(d0379, text);
    expect(verdicts(problems)).toEqual(['warning D10-5 L4 ignored']);
    expect(runs[0]).toMatchObject({ line: 5, lineStep: 1 });
  });
});

describe('technical details', () => {
  const meter = '290|M 1|||5|J|Maker X1|MAPX|||||||||||RCAMY|20260515|20260315||||R|20260515|';
  const details = (...registers: string[]) =>
    dtcFile('D0150002', [`288|${mpan}|20260515||E|`, '289|0393|20260515|||', meter, ...registers]);

  it('say multiplier, digits, quantity and kind of each register', () => {
    const { mappings } = collectEvents(d0150, details('293|01|C|AI|40.00||5|||', '293|02|M|AI|0.5||6|||'));
    expect(mappings).toEqual([
      {
        meterPoint: mpan,
        meterSerial: 'M 1',
        registerId: '01',
        from: '2026-05-15',
        fromAt: Date.UTC(2026, 4, 14, 23) / 1000,
        multiplierMicro: 40_000_000,
        digits: 5,
        kind: 'cumulative',
        quantity: 'AI',
        configuration: '0393',
        timePattern: '',
        versionAt: Date.UTC(2026, 2, 2, 15, 31, 51) / 1000,
        line: 5,
      },
      expect.objectContaining({ registerId: '02', multiplierMicro: 500_000, digits: 6, kind: 'maximum-demand' }),
    ]);
  });

  it.each([
    ['a multiplier of zero', '293|01|C|AI|0.00||5|||'],
    ['no digits', '293|01|C|AI|1.00||0|||'],
    ['an unknown quantity', '293|01|C|XX|1.00||5|||'],
    ['an unknown kind', '293|01|Q|AI|1.00||5|||'],
    ['a multiplier that is no number', '293|01|C|AI|x||5|||'],
  ])('with %s reject the register alone', (_what, register) => {
    const { mappings, problems } = collectEvents(d0150, details(register, '293|02|C|AI|1.00||5|||'));
    expect(mappings.map(({ registerId }) => registerId)).toEqual(['02']);
    expect(verdicts(problems)).toEqual(['error D10-17 L5 rejected']);
  });

  it('of a mapping say the time pattern of each register, and what is part of a sum', () => {
    const text = dtcFile('D0149001', [
      `280|${mpan}|20260518|`,
      '281|0393|20260401|',
      '778|00001|',
      '283|M1|',
      '284|01|1|',
      '778|00002|',
      '283|M1|',
      '284|02|-1|',
      '23A|x|',
    ]);
    const { mappings, problems } = collectEvents(d0149, text);
    expect(
      mappings.map(({ registerId, timePattern, from, multiplierMicro }) => [
        registerId,
        timePattern,
        from,
        multiplierMicro,
      ]),
    ).toEqual([
      ['01', '00001', '2026-04-01', undefined],
      ['02', '00002', '2026-04-01', undefined],
    ]);
    expect(verdicts(problems)).toEqual(['warning D10-17 L9 ignored', 'warning D10-5 L10 ignored']);
  });
});

it('a reading of a second validation result keeps the last one, with a word', () => {
  const text = dtcFile('D0010002', [
    `026|${mpan}|V|`,
    '028|M1|R|',
    '030|S|20260222000000|56311.0|||F|N|',
    '032|05|F|',
    '032|05|T|',
  ]);
  const { readings, problems } = collectEvents(d0010, text, tolerant);
  expect(readings[0]).toMatchObject({ validationReason: '05', validationStatus: 'T' });
  expect(verdicts(problems)).toEqual(['warning D10-5 L6 ignored']);
});
