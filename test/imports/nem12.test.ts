import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nem12 } from '../../src/imports/formats/nem12.ts';
import { lineMax } from '../../src/imports/line-scanner.ts';
import { describeProblem } from '../../src/imports/problem.ts';
import { qualities } from '../../src/readings/reading.ts';
import { energyMaxMicroKwh, formatKwh, microKwh } from '../../src/units/energy.ts';
import { formatUtc, type Zone } from '../../src/units/time.ts';
import { collectEvents, cutInto, strict, tolerant, verdicts } from './collect-events.ts';

const header = '100,NEM12,202607010900,MDP1,RETAILR1';
const channel = '200,6123456789,E1B1,1,E1,N1,METER1,kWh,720,20260901';
// Two intervals of twelve hours keep a day readable: 720 minutes divide a day, though a warning says that they are unusual.
const morning = '300,20260630,1.5,2.25,A,,,20260701013500,';

/** A file of these records with CR LF ends, between a 100 and a 900. */
function file(...records: string[]): string {
  return `${[header, ...records, '900'].join('\r\n')}\r\n`;
}

/** A 30-minute day whose interval i has i watt-hours. */
function halfHours(day: string, tail: string): string {
  return `300,${day},${Array.from({ length: 48 }, (_, at) => `0.${String(at + 1).padStart(3, '0')}`).join(',')},${tail}`;
}
const halfHourly = channel.replace('720', '30');

function qualityNames(codes: Uint8Array): string[] {
  return Array.from(codes, code => qualities[code]!);
}

/** Problems that are not the unusual-length warning of the two-interval day. */
function problemsOf(text: string, context = tolerant): string[] {
  return verdicts(collectEvents(nem12, text, context).problems.filter(({ rule }) => rule !== 'N12-21'));
}

describe('a NEM12 file', () => {
  it('becomes one run per 300 record, at UTC+10 all year, in integer micro-kWh', () => {
    const { runs, headers, facts, order } = collectEvents(
      nem12,
      file(channel, morning, '500,N,SO1,20260701013000,000950.0'),
    );
    expect(order.filter(kind => kind !== 'problem')).toEqual(['opened', 'index', 'intervals', 'closed']);
    const [run] = runs;
    expect(formatUtc(run!.startsAt)).toBe('2026-06-29T14:00:00Z');
    expect([...run!.energies]).toEqual([1_500_000, 2_250_000]);
    expect(qualityNames(run!.qualities)).toEqual(['actual', 'actual']);
    expect(run!.spans).toEqual([{ from: 0, to: 2, flag: 'A', method: '', reasonCode: '', reasonText: '' }]);
    expect(formatUtc(run!.versionAt)).toBe('2026-06-30T15:35:00Z');
    expect(run!.line).toBe(3);
    expect(run!.channel).toEqual({
      meterPoint: '6123456789',
      nmiConfiguration: 'E1B1',
      suffix: 'E1',
      role: 'from-grid',
      registerId: '1',
      meterSerial: 'METER1',
      unit: 'kWh',
      isEnergy: true,
      lengthMinutes: 720,
      line: 2,
    });
    expect(headers[0]).toMatchObject({ flow: 'NEM12', sender: 'MDP1', receiver: 'RETAILR1', isTest: false });
    expect(facts).toEqual([expect.objectContaining({ complete: true, lines: 5, records: 1, errors: 0, warnings: 1 })]);
  });

  it('keeps the leading zeros of an index read, because they are dials', () => {
    const { indexReads } = collectEvents(nem12, file(channel, morning, '500,N,SO1,20260701013000,000950.0'));
    expect(indexReads).toEqual([
      expect.objectContaining({ transactionCode: 'N', serviceOrder: 'SO1', indexRead: '000950.0', line: 4 }),
    ]);
  });

  it('has the same 48 half-hours on a day that is 23 hours long in Sydney', () => {
    const { runs } = collectEvents(nem12, file(halfHourly, halfHours('20261004', 'A,,,20261005000001,')));
    expect(runs[0]!.energies).toHaveLength(48);
    expect(formatUtc(runs[0]!.startsAt)).toBe('2026-10-03T14:00:00Z');
  });

  it('reads another market clock when told, but never one with summer time', () => {
    const perth = { ...tolerant, marketZone: '+08:00' as Zone };
    expect(formatUtc(collectEvents(nem12, file(channel, morning), perth).runs[0]!.startsAt)).toBe(
      '2026-06-29T16:00:00Z',
    );
    const sydney = { ...tolerant, marketZone: 'Australia/Sydney' as Zone };
    expect(() => collectEvents(nem12, file(channel, morning), sydney)).toThrow(/fixed offset/);
  });

  it('takes its reference from the file name or, in a zip, from the member', () => {
    const named = { ...tolerant, fileName: 'nem12#ABC0042#MDP1#RETAILR1.ZIP' };
    expect(collectEvents(nem12, file(), named).facts[0]!.reference).toBe('ABC0042');
    const zipped = { ...tolerant, member: 'july.zip!NEM12#XYZ1#MDP1#RETAILR1.V01' };
    expect(collectEvents(nem12, file(), zipped).facts[0]!.reference).toBe('XYZ1');
  });

  it('lets a channel change its interval length from one 200 record to the next', () => {
    const { runs } = collectEvents(
      nem12,
      file(channel, morning, halfHourly, halfHours('20260701', 'A,,,20260702000001,')),
    );
    expect(runs.map(({ channel, energies }) => [channel.lengthMinutes, energies.length])).toEqual([
      [720, 2],
      [30, 48],
    ]);
    expect(runs[0]!.channel).not.toBe(runs[1]!.channel);
  });
});

describe('400 records', () => {
  it('give a V day its qualities and leave its values alone', () => {
    const { runs, problems } = collectEvents(
      nem12,
      file(
        halfHourly,
        halfHours('20260630', 'V,,,20260701013500,'),
        '400,1,10,F14,76,Communications fault',
        '400,11,40,A,,',
        '400,41,48,S62,20,',
      ),
    );
    expect(problems).toEqual([]);
    const [run] = runs;
    expect(run!.spans.map(({ from, to, flag, method, reasonCode }) => [from, to, flag, method, reasonCode])).toEqual([
      [0, 10, 'F', '14', '76'],
      [10, 40, 'A', '', ''],
      [40, 48, 'S', '62', '20'],
    ]);
    expect(run!.spans[0]!.reasonText).toBe('Communications fault');
    const names = qualityNames(run!.qualities);
    expect([names[0], names[9], names[10], names[39], names[40], names[47]]).toEqual([
      'final',
      'final',
      'actual',
      'actual',
      'substituted',
      'substituted',
    ]);
    expect(run!.energies[47]).toBe(48_000);
  });

  it('are applied to a day that is not V, with a warning unless the reason allows it', () => {
    const actual = halfHours('20260630', 'A,,,20260701013500,');
    const { runs, problems } = collectEvents(nem12, file(halfHourly, actual, '400,21,48,E52,,'));
    expect(verdicts(problems)).toEqual(['warning N12-25 L4 repaired']);
    expect(runs[0]!.spans.map(({ from, to, flag }) => [from, to, flag])).toEqual([
      [0, 20, 'A'],
      [20, 48, 'E'],
    ]);
    expect(problemsOf(file(halfHourly, actual, '400,30,30,A,79,'))).toEqual([]);
  });

  it.each([
    ['none at all', [], ['error N12-25 L3 rejected']],
    [
      'a gap at the end',
      ['400,1,24,A,,', '400,25,40,A,,'],
      ['error N12-26 L3 rejected', 'error N12-26 L4 rejected', 'error N12-26 L5 rejected'],
    ],
    [
      'a gap inside',
      ['400,1,10,A,,', '400,12,48,A,,'],
      ['error N12-26 L3 rejected', 'error N12-26 L4 rejected', 'error N12-26 L5 rejected'],
    ],
    [
      'an overlap',
      ['400,1,24,A,,', '400,24,48,A,,'],
      ['error N12-26 L5 rejected', 'error N12-26 L3 rejected', 'error N12-26 L4 rejected'],
    ],
    ['V again', ['400,1,48,V,,'], ['error N12-25 L4 rejected', 'error N12-25 L3 rejected']],
    ['an unknown quality', ['400,1,48,T,,'], ['error N12-23 L4 rejected', 'error N12-25 L3 rejected']],
    ['more intervals than the day', ['400,1,96,A,,'], ['error N12-26 L4 rejected', 'error N12-25 L3 rejected']],
    ['a range backwards', ['400,48,1,A,,'], ['error N12-26 L4 rejected', 'error N12-25 L3 rejected']],
  ])('reject the whole V day when there is %s', (_what, spans, expected) => {
    const events = collectEvents(nem12, file(halfHourly, halfHours('20260630', 'V,,,20260701013500,'), ...spans));
    expect(verdicts(events.problems)).toEqual(expected);
    expect(events.runs).toEqual([]);
  });

  it('that are broken leave a day with a quality of its own standing', () => {
    const events = collectEvents(
      nem12,
      file(halfHourly, halfHours('20260630', 'A,,,20260701013500,'), '400,,,F56,45,'),
    );
    expect(new Set(verdicts(events.problems))).toEqual(new Set(['error N12-26 L4 rejected']));
    expect(events.runs).toHaveLength(1);
  });
});

describe('values', () => {
  it.each([
    ['1', 1_000_000],
    ['.017', 17_000],
    ['5.', 5_000_000],
    ['0.123456', 123_456],
    ['0.1234565', 123_456],
    ['0.12345651', 123_457],
    ['000000000000000001.5', 1_500_000],
    [formatKwh(microKwh(energyMaxMicroKwh)), energyMaxMicroKwh],
  ])('%s kWh is exactly %i micro-kWh', (sent, expected) => {
    const { runs } = collectEvents(nem12, file(channel, `300,20260630,${sent},0,A,,,20260701013500,`));
    expect(runs[0]!.energies[0]).toBe(expected);
  });

  it.each([
    ['Wh', '1500', 'kWh', true, 1_500_000],
    ['kwh', '1.5', 'kWh', true, 1_500_000],
    ['MWh', '0.0015', 'kWh', true, 1_500_000],
    ['KVARH', '1.5', 'kVArh', false, 1_500_000],
    ['VArh', '1500', 'kVArh', false, 1_500_000],
    ['kW', '1.5', 'kW', false, 1_500_000],
    ['pf', '0.95', 'pf', false, 950_000],
    ['V', '240', 'V', false, 240_000_000],
  ])('%s %s is kept in %s', (unit, sent, normalised, isEnergy, expected) => {
    const { runs } = collectEvents(
      nem12,
      file(channel.replace('kWh', unit), `300,20260630,${sent},0,A,,,20260701013500,`),
    );
    expect(runs[0]!.channel).toMatchObject({ unit: normalised, isEnergy });
    expect(runs[0]!.energies[0]).toBe(expected);
  });

  it.each([
    ['-1.5', 'N12-19', 'is negative'],
    ['+1.5', 'N12-19', 'is not an interval value'],
    ['1e-3', 'N12-19', 'is not an interval value'],
    ['5631x', 'N12-19', '"5631x" is not an interval value'],
    ['1.2.3', 'N12-19', 'is not an interval value'],
    ['.', 'N12-19', 'is not an interval value'],
    ['99999999999999', 'N12-19', 'is too large'],
  ])('%s rejects the day and is pointed at', (sent, rule, says) => {
    const { runs, problems } = collectEvents(nem12, file(channel, `300,20260630,1.5,${sent},A,,,20260701013500,`));
    expect(runs).toEqual([]);
    const problem = problems.find(({ severity }) => severity === 'error')!;
    expect(problem).toMatchObject({
      rule,
      line: 3,
      column: 18,
      field: 'IntervalValue 2',
      raw: sent,
      action: 'rejected',
    });
    expect(problem.message).toContain('line 3, column 18: ');
    expect(problem.message).toContain(says);
  });

  it('are all reported when several of a day are wrong', () => {
    const { problems } = collectEvents(nem12, file(channel, '300,20260630,-1,x,A,,,20260701013500,'));
    expect(verdicts(problems).filter(verdict => verdict.includes('N12-19'))).toHaveLength(2);
  });

  it('that are empty or flagged N are gaps, never zero', () => {
    const { runs, problems } = collectEvents(
      nem12,
      file(
        channel,
        '300,20260630,,2,A,,,20260701013500,',
        '300,20260701,0,0,N,,,20260702013500,',
        '300,20260702,0,0,A,,,20260703013500,',
      ),
    );
    expect(runs.map(({ energies }) => [...energies])).toEqual([
      [Number.NaN, 2_000_000],
      [Number.NaN, Number.NaN],
      [0, 0],
    ]);
    expect(runs.map(({ qualities }) => qualityNames(qualities))).toEqual([
      ['missing', 'actual'],
      ['missing', 'missing'],
      ['actual', 'actual'],
    ]);
    expect(verdicts(problems)).toContain('warning N12-22 L3 repaired');
  });

  it.each([
    ['too few', '1,A', 'line 3, column 16: 1 values where a day of 720-minute intervals has 2'],
    ['too many', '1,2,3,4,A', 'line 3, column 18: 4 values where a day of 720-minute intervals has 2'],
    ['none', 'V', 'line 3, column 14: 0 values where a day of 720-minute intervals has 2'],
  ])('of which there are %s reject the day', (_what, values, message) => {
    const { runs, problems } = collectEvents(nem12, file(channel, `300,20260630,${values},,,20260701013500,`));
    expect(runs).toEqual([]);
    expect(problems).toContainEqual(expect.objectContaining({ rule: 'N12-20', line: 3, action: 'rejected', message }));
  });

  it('with more decimals than the unit has are kept, and said once per 200 record', () => {
    const day = '300,20260630,0.12345,1,A,,,20260701013500,';
    const next = day.replace('20260630', '20260701');
    expect(problemsOf(file(channel, day, next))).toEqual(['warning N12-18 L3 ignored']);
  });
});

describe('records', () => {
  it.each([
    ['300 before any 200', [morning], ['error N12-9 L2 rejected'], 0],
    ['400 before any 300', [channel, '400,1,2,A,,', morning], ['error N12-9 L3 rejected'], 1],
    ['500 before any 300', [channel, '500,N,,,', morning], ['error N12-9 L3 rejected'], 1],
    ['an unknown indicator', [channel, '42,what', morning], ['error N12-9 L3 rejected'], 1],
    ['a NEM13 record', [channel, '250,6123456789,11', morning], ['error N12-9 L3 rejected'], 1],
    [
      'a damaged 200',
      [channel, '2x0,6999999999,E1,,E1,N1,M2,kWh,720,', morning],
      ['error N12-9 L3 rejected', 'error N12-9 L4 rejected'],
      0,
    ],
    ['an empty date', [channel, '300,,1,2,A,,,20260701013500,'], ['error N12-29 L3 rejected'], 0],
    ['a day that is not', [channel, '300,20260230,1,2,A,,,20260701013500,'], ['error N12-29 L3 rejected'], 0],
    ['no quality', [channel, '300,20260630,1,2,,,,20260701013500,'], ['error N12-23 L3 rejected'], 0],
    ['quality T', [channel, '300,20260630,1,2,T,,,20260701013500,'], ['error N12-23 L3 rejected'], 0],
    ['estimate without a method', [channel, '300,20260630,1,2,E,,,20260701013500,'], ['warning N12-23 L3 ignored'], 1],
    [
      'substitute without a reason',
      [channel, '300,20260630,1,2,S14,,,20260701013500,'],
      ['warning N12-24 L3 ignored'],
      1,
    ],
    ['reason 0 without words', [channel, '300,20260630,1,2,S14,0,,20260701013500,'], ['warning N12-24 L3 ignored'], 1],
    ['an unknown method', [channel, '300,20260630,1,2,E99,,,20260701013500,'], ['warning N12-23 L3 ignored'], 1],
    ['a 15-digit stamp', [channel, '300,20260630,1,2,A,,,202607010135000,'], ['warning N12-29 L3 repaired'], 1],
    ['a 12-digit stamp', [channel, '300,20260630,1,2,A,,,202607010135,'], [], 1],
    ['nothing after the quality', [channel, '300,20260630,1,2,A'], ['warning N12-30 L3 repaired'], 1],
    [
      'blanks around fields',
      [channel, ' 300,20260630, 1 ,2,A,,,20260701013500,'],
      ['warning N12-5 L3 repaired', 'warning N12-5 L3 repaired'],
      1,
    ],
    [
      'padding of a spreadsheet',
      [channel, `${morning},,,,,`, '900,,,'],
      ['warning N12-6 L3 ignored', 'warning N12-1 L5 ignored'],
      1,
    ],
    [
      'a blank and an all-comma line',
      [channel, '', ',,,', morning],
      ['warning N12-4 L3 ignored', 'warning N12-4 L4 ignored'],
      1,
    ],
    ['days out of order', [channel, morning, morning.replace('0630', '0629')], ['warning N12-12 L4 ignored'], 2],
    ['the same day twice', [channel, morning, morning], ['warning N12-40 L4 ignored'], 2],
    ['a second header', [header, channel, morning], ['warning N12-1 L2 ignored'], 1],
    [
      'an Excel-damaged header',
      ['900', '100,NEM12,2.02607E+11,MDP1,R', channel, morning],
      ['warning N12-29 L3 ignored'],
      1,
    ],
    [
      'a NEM13 block',
      ['900', '100,NEM13,202607010900,MDP1,R', '250,x', '550,y'],
      ['error N12-1 L3 rejected', 'error N12-9 L4 rejected'],
      0,
    ],
  ])('%s: %j', (_what, records, expected, runCount) => {
    const text = file(...records);
    expect(problemsOf(text)).toEqual(expected);
    expect(collectEvents(nem12, text).runs).toHaveLength(runCount);
  });

  it.each([
    ['a wrong check digit', '61234567890', 'error N12-13 L2 rejected', 'error N12-13 L2 rejected'],
    ['a test NMI', 'nmi1', 'warning N12-13 L2 ignored', 'error N12-13 L2 rejected'],
    ['no NMI', '', 'error N12-13 L2 rejected', 'error N12-13 L2 rejected'],
  ])('a 200 with %s: %s', (_what, nmi, whenTolerant, whenStrict) => {
    const text = file(channel.replace('6123456789', nmi));
    expect(problemsOf(text)).toEqual([whenTolerant]);
    expect(problemsOf(text, strict)).toEqual([whenStrict]);
  });

  it('drops a right check digit from the NMI', () => {
    const { runs, problems } = collectEvents(nem12, file(channel.replace('6123456789', '20019857328'), morning));
    expect(runs[0]!.channel.meterPoint).toBe('2001985732');
    expect(verdicts(problems)).toContain('warning N12-13 L2 repaired');
  });

  it.each([
    ['a suffix outside the configuration', ',E1B1,', ',B1E2,', 'warning N12-14 L2 ignored', 'error N12-14 L2 rejected'],
    ['an empty configuration', ',E1B1,', ',,', 'error N12-14 L2 rejected', 'error N12-14 L2 rejected'],
    ['no unit on a billed channel', 'kWh', '', 'warning N12-17 L2 repaired', 'error N12-17 L2 rejected'],
    ['an unknown unit on a billed channel', 'kWh', 'gallons', 'error N12-17 L2 rejected', 'error N12-17 L2 rejected'],
    ['a length that does not divide a day', ',720,', ',7,', 'error N12-21 L2 rejected', 'error N12-21 L2 rejected'],
    ['an empty length', ',720,', ',,', 'error N12-21 L2 rejected', 'error N12-21 L2 rejected'],
  ])('a 200 with %s', (_what, from, to, whenTolerant, whenStrict) => {
    const verdictOf = (context: typeof strict) =>
      verdicts(collectEvents(nem12, file(channel.replace(from, to)), context).problems).filter(
        verdict => !verdict.includes('ignored') || verdict.includes('N12-14'),
      );
    expect(verdictOf(tolerant)).toEqual([whenTolerant]);
    expect(verdictOf(strict)).toEqual([whenStrict]);
  });

  it('under a rejected 200 are counted, and the next 200 is read again', () => {
    const bad = channel.replace('E1B1', '');
    const { runs, problems } = collectEvents(nem12, file(bad, morning, '400,1,2,A,,', morning, channel, morning));
    expect(runs.map(({ line }) => line)).toEqual([7]);
    expect(problems.map(({ message }) => message)).toContain(
      'line 3, column 1: 3 records, lines 3 to 5, were not read because the 200 record of line 2 was rejected',
    );
  });

  it('torn over several lines lose that day alone, and its 400 records change no other day', () => {
    const torn = ['300,20260701,', '1,2,V,,,20260702013500,', '400,1,2,E52,,'];
    const { runs, problems } = collectEvents(nem12, file(channel, morning, ...torn, morning.replace('0630', '0702')));
    expect(runs.map(({ line, spans }) => [line, spans[0]!.flag])).toEqual([
      [3, 'A'],
      [7, 'A'],
    ]);
    expect(verdicts(problems).slice(1)).toEqual(['error N12-20 L4 rejected', 'error N12-9 L5 rejected']);
  });
});

describe('the ends of a file', () => {
  it('without 100 is read with a warning, and without 900 is incomplete', () => {
    const { facts, runs, problems } = collectEvents(nem12, `${channel}\r\n${morning}\r\n`);
    expect(runs).toHaveLength(1);
    expect(facts[0]!.complete).toBe(false);
    expect(verdicts(problems)).toEqual([
      'warning N12-7 L1 repaired',
      'warning N12-21 L1 ignored',
      'warning N12-7 L2 ignored',
    ]);
    expect(problemsOf(`${channel}\r\n${morning}\r\n`, strict)).toContain('error N12-7 L2 rejected');
  });

  it('that break off inside a day reject that day, however good it looks', () => {
    const whole = file(channel, morning, morning.replace('0630', '0701'));
    const cutOff = whole.slice(0, whole.lastIndexOf('20260701013500') + 10);
    const { runs, problems, facts } = collectEvents(nem12, cutOff);
    expect(runs.map(({ line }) => line)).toEqual([3]);
    expect(verdicts(problems)).toContain('error N12-7 L4 rejected');
    expect(facts[0]!.complete).toBe(false);
  });

  it('may be blank, and data may go on after 900: nothing is lost', () => {
    const block = `\r\n${channel}\r\n${morning}\r\n900\r\n`;
    const { runs, headers, facts } = collectEvents(nem12, block + block);
    expect(runs.map(({ line }) => line)).toEqual([3, 7]);
    expect(headers).toHaveLength(2);
    expect(facts[0]!.complete).toBe(true);
    expect(problemsOf(block + block)).toEqual([
      'warning N12-4 L1 ignored',
      'warning N12-7 L2 repaired',
      'warning N12-4 L5 ignored',
      'warning N12-8 L6 repaired',
    ]);
  });

  it('may have a byte order mark, LF ends and no last end', () => {
    const text = `\ufeff${file(channel, morning).replaceAll('\r\n', '\n').trimEnd()}`;
    expect(collectEvents(nem12, text).runs).toHaveLength(1);
    expect(problemsOf(text)).toEqual([
      'warning N12-4 L1 ignored',
      'warning N12-4 L1 ignored',
      'warning N12-4 L4 ignored',
    ]);
  });

  it('may hold a line longer than 1 MB, after which the channel is not known any more', () => {
    const { runs, problems } = collectEvents(
      nem12,
      file(channel, morning, 'x'.repeat(lineMax + 1), morning, channel, morning),
    );
    expect(runs.map(({ line }) => line)).toEqual([3, 7]);
    expect(problems).toContainEqual(
      expect.objectContaining({ rule: 'N12-9', line: 4, raw: expect.stringMatching(/^x{49}…$/) }),
    );
  });

  it('of an empty file say so', () => {
    const { facts, problems } = collectEvents(nem12, '');
    expect(facts[0]).toMatchObject({ complete: false, lines: 0, records: 0 });
    expect(problems[0]!.message).toBe('the file is empty');
  });
});

describe('a problem', () => {
  it('is told with its line and a caret under its column', () => {
    const text = '300,20260630,1.5,5631x,A,,,20260701013500,';
    const { problems } = collectEvents(nem12, file(channel, text), { ...tolerant, member: 'a.zip!b.csv' });
    const problem = problems.find(({ rule }) => rule === 'N12-19')!;
    expect(describeProblem(problem, text)).toBe(
      `error N12-19: a.zip!b.csv, line 3, column 18: "5631x" is not an interval value (rejected)\n  ${text}\n  ${' '.repeat(17)}^`,
    );
  });

  it('shows a window of a long line', () => {
    const text = halfHours('20260630', 'T,,,20260701013500,');
    const { problems } = collectEvents(nem12, file(halfHourly, text));
    const [, excerpt, caret] = describeProblem(problems[0]!, text).split('\n');
    expect(excerpt![caret!.indexOf('^')]).toBe('T');
    expect(excerpt!.length).toBeLessThan(110);
  });

  it('never shows control characters of the file', () => {
    const { problems } = collectEvents(nem12, file(channel, '300,20260630,1.5,\u001b[31m,A,,,,'));
    expect(problems.some(({ raw, message }) => /\p{Cc}/u.test(raw + message))).toBe(false);
  });
});

describe('whatever the bytes', () => {
  const whole = Buffer.from(
    file(
      '',
      halfHourly,
      halfHours('20260630', 'V,,,20260701013500,'),
      '400,1,20,F14,76,Störung',
      '400,21,48,A,,',
      '500,N,,20260701013000,000950.0',
      channel,
      morning,
      '300,20260701,x, 2,A,,,1',
      '4x0,1',
    ),
  );

  it('portions never change the result', () => {
    const atOnce = collectEvents(nem12, whole);
    expect(atOnce.runs).toHaveLength(2);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }), lengths => {
        expect(collectEvents(nem12, cutInto(whole, lengths))).toEqual(atOnce);
      }),
    );
  });

  it('damage never throws, and never invents a day', () => {
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), fc.nat(whole.length), (changes, length) => {
        const damaged = Buffer.from(whole.subarray(0, length));
        for (const { at, byte } of changes) if (at < length) damaged[at] = byte;
        const { runs, facts } = collectEvents(nem12, damaged);
        expect(facts).toHaveLength(1);
        for (const { energies, qualities, spans, channel } of runs) {
          expect(energies.length * channel.lengthMinutes).toBe(1440);
          expect(qualities).toHaveLength(energies.length);
          expect([spans[0]!.from, spans.at(-1)!.to]).toEqual([0, energies.length]);
          expect(energies.every(energy => Number.isNaN(energy) || (Number.isSafeInteger(energy) && energy >= 0))).toBe(
            true,
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});
