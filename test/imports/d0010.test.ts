import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormatContext } from '../../src/imports/format.ts';
import { d0010 } from '../../src/imports/formats/d0010.ts';
import { formatUtc } from '../../src/units/time.ts';
import { collectEvents, cutInto, strict, tolerant, verdicts } from './collect-events.ts';

const header = 'ZHV|0000000042|D0010002|D|UDMS|X|RETL|20260302153151||||OPER|';
const mpan = '026|1200023305967|V|';
const otherMpan = '026|1900001059816|V|';
const meter = '028|F75A 00802|R|';
const reading = '030|S|20260222000000|56311.0|||T|N|';

/** A file of these groups between a right ZHV and a right ZPT. */
function file(...groups: string[]): string {
  const flows = groups.filter(group => group.startsWith('026')).length;
  return `${[header, ...groups, `ZPT|0000000042|${groups.length}||${flows}|20260302154650|`].join('\r\n')}\r\n`;
}

function verdictsOf(text: string, context: FormatContext = tolerant): string[] {
  return verdicts(collectEvents(d0010, text, context).problems);
}

describe('a D0010 file', () => {
  it('becomes one register reading per 030 group, with what stands above it', () => {
    const { readings, headers, facts, problems, order } = collectEvents(d0010, file(mpan, meter, reading, '032|05|T|'));
    expect(order).toEqual(['opened', 'reading', 'closed']);
    expect(problems).toEqual([]);
    expect(readings).toEqual([
      {
        meterPoint: '1200023305967',
        bscStatus: 'V',
        meterSerial: 'F75A 00802',
        readingType: 'R',
        registerId: 'S',
        at: Date.UTC(2026, 1, 22) / 1000,
        value: 56_311_000_000,
        quality: 'actual',
        flag: 'T',
        method: 'N',
        validationReason: '05',
        validationStatus: 'T',
        versionAt: Date.UTC(2026, 2, 2, 15, 31, 51) / 1000,
        line: 4,
      },
    ]);
    expect(headers[0]).toMatchObject({
      reference: '0000000042',
      flow: 'D0010002',
      sender: 'D:UDMS',
      receiver: 'X:RETL',
      testFlag: 'OPER',
      isTest: false,
    });
    expect(facts[0]).toMatchObject({ complete: true, lines: 6, records: 1, errors: 0, warnings: 0 });
  });

  it('nests by order: several registers, meters and meter points', () => {
    const second = reading.replace('|S|', '|02|');
    const text = file(
      mpan,
      '027|01|checked|',
      meter,
      '029|02||',
      reading,
      '033|02||',
      second,
      '028|M2|C|',
      reading,
      otherMpan,
      meter,
      reading,
    );
    const { readings, problems } = collectEvents(d0010, text);
    expect(problems).toEqual([]);
    expect(
      readings.map(({ meterPoint, meterSerial, registerId, line }) => [meterPoint, meterSerial, registerId, line]),
    ).toEqual([
      ['1200023305967', 'F75A 00802', 'S', 6],
      ['1200023305967', 'F75A 00802', '02', 8],
      ['1200023305967', 'M2', 'S', 10],
      ['1900001059816', 'F75A 00802', 'S', 13],
    ]);
  });

  it.each([
    ['TR01', true, 'warning D10-1 L1 ignored'],
    ['', false, 'warning D10-1 L1 ignored'],
    ['prod', true, 'warning D10-1 L1 ignored'],
  ])('with test flag "%s" says whether it is a test before its first reading', (flag, isTest, verdict) => {
    const { headers, facts, problems, order } = collectEvents(d0010, file(mpan, meter, reading).replace('OPER', flag));
    expect(order[0]).toBe('opened');
    expect([headers[0]!.isTest, facts[0]!.isTest]).toEqual([isTest, isTest]);
    expect(verdicts(problems)).toEqual([verdict]);
  });
});

describe('time', () => {
  it.each([
    ['20260222000000', '2026-02-22T00:00:00Z', 'winter'],
    ['20260701000000', '2026-06-30T23:00:00Z', 'summer'],
    ['20260701235959', '2026-07-01T23:00:00Z', "a meter operator's midnight is the next 00:00"],
    ['20260328235959', '2026-03-29T00:00:00Z', 'midnight before the clock goes forward'],
    ['20261025000000', '2026-10-24T23:00:00Z', 'midnight before the clock goes back'],
    ['20261025003000', '2026-10-24T23:30:00Z', 'shown once'],
    ['20261025020000', '2026-10-25T02:00:00Z', 'shown once again'],
  ])('%s in London is %s: %s', (sent, expected) => {
    const { readings, problems } = collectEvents(d0010, file(mpan, meter, reading.replace('20260222000000', sent)));
    expect(formatUtc(readings[0]!.at)).toBe(expected);
    expect(problems).toEqual([]);
  });

  it('that London shows twice is the first, with a warning', () => {
    const { readings, problems } = collectEvents(
      d0010,
      file(mpan, meter, reading.replace('20260222000000', '20261025013000')),
    );
    expect(formatUtc(readings[0]!.at)).toBe('2026-10-25T00:30:00Z');
    expect(verdicts(problems)).toEqual(['warning D10-15 L4 repaired']);
  });

  it.each(['20260329013000', '20260230000000', '20260222240000', '2026-02-22', '202602220000', ''])(
    '"%s" is not one that London shows',
    sent => {
      const { readings, problems } = collectEvents(d0010, file(mpan, meter, reading.replace('20260222000000', sent)));
      expect(readings).toEqual([]);
      expect(verdicts(problems)).toEqual(['error D10-15 L4 rejected']);
    },
  );
});

describe('reading types', () => {
  it.each([
    ['A', 'actual'],
    ['C', 'customer'],
    ['D', 'deemed'],
    ['F', 'actual'],
    ['I', 'actual'],
    ['M', 'estimated'],
    ['O', 'estimated'],
    ['P', 'actual'],
    ['Q', 'substituted'],
    ['R', 'actual'],
    ['S', 'actual'],
    ['U', 'estimated'],
    ['V', 'estimated'],
    ['X', 'deemed'],
    ['Y', 'estimated'],
    ['Z', 'actual'],
  ])('%s is %s', (type, quality) => {
    const { readings } = collectEvents(d0010, file(mpan, `028|M1|${type}|`, reading));
    expect(readings[0]).toMatchObject({ readingType: type, quality });
  });

  it('W takes readings back, in the order of the file', () => {
    const { readings, withdrawals, order, problems, facts } = collectEvents(
      d0010,
      file(mpan, '028|M1|R|', reading, '028|M1|W|', reading, '032|02|F|', '028|M2|R|', reading),
    );
    expect(readings.map(({ line }) => line)).toEqual([4, 9]);
    expect(withdrawals).toEqual([expect.objectContaining({ meterSerial: 'M1', readingType: 'W', line: 6 })]);
    expect(order.slice(1, 4)).toEqual(['reading', 'withdrawal', 'reading']);
    expect(problems).toEqual([]);
    expect(facts[0]!.records).toBe(3);
  });

  it('T is told, reading by reading, and not imported', () => {
    const { readings, problems } = collectEvents(
      d0010,
      file(mpan, '028|M1|T|', reading, '032|02|F|', reading, '028|M2|R|', reading),
    );
    expect(readings.map(({ line }) => line)).toEqual([8]);
    expect(verdicts(problems)).toEqual(['warning D10-10 L4 ignored', 'warning D10-10 L6 ignored']);
    expect(problems[0]!.message).toContain('never billed');
    expect(problems[0]!.message).toContain('56311.0 of register S on meter M1, MPAN 1200023305967');
  });

  it('E does not exist: the meter and what is under it are rejected', () => {
    const { readings, problems } = collectEvents(
      d0010,
      file(mpan, '028|M1|E|', reading, reading, '028|M2|R|', reading),
    );
    expect(readings.map(({ meterSerial }) => meterSerial)).toEqual(['M2']);
    expect(verdicts(problems)).toEqual(['error D10-9 L3 rejected', 'error D10-5 L4 rejected']);
    expect(problems[1]!.message).toContain('2 groups, lines 4 to 5, were not read');
  });

  it('keep a failed validation, so that billing can refuse it', () => {
    const { readings } = collectEvents(
      d0010,
      file('026|1200023305967|F|', meter, reading.replace('|T|N|', '|F|P|'), '032|03|T|'),
    );
    expect(readings[0]).toMatchObject({
      bscStatus: 'F',
      flag: 'F',
      method: 'P',
      validationReason: '03',
      validationStatus: 'T',
    });
  });
});

describe('values', () => {
  it.each([
    ['56311.0', 56_311_000_000, []],
    ['56311', 56_311_000_000, []],
    ['00000.1', 100_000, []],
    ['12345.678', 12_345_678_000, ['warning D10-14 L4 ignored']],
    ['1234567.890', 1_234_567_890_000, ['warning D10-14 L4 ignored']],
  ])('%s is %i micro-kWh', (sent, value, expected) => {
    const { readings, problems } = collectEvents(d0010, file(mpan, meter, reading.replace('56311.0', sent)));
    expect(readings[0]!.value).toBe(value);
    expect(verdicts(problems)).toEqual(expected);
  });

  it.each(['5631x', '-1.0', '+1.0', '1e3', '', '.', '1.2345', '1234567890.0', '1,5'])('"%s" is not a reading', sent => {
    const { readings, problems } = collectEvents(d0010, file(mpan, meter, reading.replace('56311.0', sent)));
    expect(readings).toEqual([]);
    expect(problems).toEqual([
      expect.objectContaining({ rule: 'D10-14', line: 4, column: 22, field: 'J0040', raw: sent }),
    ]);
  });

  it('point at themselves', () => {
    const { problems } = collectEvents(d0010, file(mpan, meter, reading.replace('56311.0', '5631x')));
    expect(problems[0]!.message).toBe('line 4, column 22: "5631x" is not a register reading');
  });
});

describe('groups', () => {
  it.each([
    ['030 without 028', [mpan, reading], ['error D10-5 L3 rejected']],
    ['028 without 026', [meter, reading], ['error D10-5 L2 rejected', 'error D10-5 L3 rejected']],
    ['032 without 030', [mpan, meter, '032|05|T|', reading], ['error D10-5 L4 rejected']],
    ['033 without 030', [mpan, meter, '033|05||'], ['error D10-5 L4 rejected']],
    [
      'an unknown group',
      [mpan, meter, reading, '034|x|', meter, reading],
      ['error D10-5 L5 rejected', 'error D10-5 L6 rejected', 'error D10-5 L7 rejected'],
    ],
    [
      'a short MPAN',
      ['026|12000233059|V|', meter, reading, otherMpan, meter, reading],
      ['error D10-8 L2 rejected', 'error D10-5 L3 rejected'],
    ],
    ['no meter id', [mpan, '028||R|', reading], ['error D10-16 L3 rejected', 'error D10-5 L4 rejected']],
    ['no register id', [mpan, meter, reading.replace('|S|', '||')], ['error D10-17 L4 rejected']],
    ['an unknown flag', [mpan, meter, reading.replace('|T|', '|Y|')], ['warning D10-12 L4 repaired']],
    ['an unknown method', [mpan, meter, reading.replace('|N|', '|Z|')], ['warning D10-13 L4 repaired']],
    ['blank fields at the end', [mpan, `${meter} | |`, reading], ['warning D10-4 L3 ignored']],
    ['no | at the end', [mpan, meter, reading.slice(0, -1)], ['warning D10-4 L4 ignored']],
  ])('%s', (_what, groups, expected) => {
    expect(verdictsOf(file(...groups))).toEqual(expected);
  });

  it('that are orphans show the beginning of their line', () => {
    const { problems } = collectEvents(d0010, file(mpan, `030|S|20260222000000|56311.0|||T|N|${' |'.repeat(20)}`));
    expect(problems[0]!.raw).toMatch(/^030\|S\|20260222000000\|56311\.0/);
    expect(problems[0]!.raw).toHaveLength(50);
  });

  it('of a rejected reading fall with it, and its siblings stand', () => {
    const { readings } = collectEvents(d0010, file(mpan, meter, reading.replace('56311.0', 'x'), '032|05|T|', reading));
    expect(readings.map(({ line, validationReason }) => [line, validationReason])).toEqual([[6, '']]);
  });

  it.each([
    ['a wrong check digit', '026|1200023305968|V|', 'warning D10-8 L2 ignored', 'error D10-8 L2 rejected'],
    ['an unknown BSC status', '026|1200023305967|Q|', 'warning D10-11 L2 repaired', 'error D10-11 L2 rejected'],
    ['no BSC status', '026|1200023305967||', 'warning D10-11 L2 repaired', 'error D10-11 L2 rejected'],
  ])('%s is judged by mode', (_what, group, whenTolerant, whenStrict) => {
    expect(verdictsOf(file(group, meter, reading))).toEqual([whenTolerant]);
    expect(collectEvents(d0010, file(group, meter, reading)).readings).toHaveLength(1);
    expect(verdictsOf(file(group, meter, reading), strict)[0]).toBe(whenStrict);
    expect(collectEvents(d0010, file(group, meter, reading), strict).readings).toEqual([]);
  });
});

describe('the wrapper', () => {
  const good = file(mpan, meter, reading);
  it.each([
    ['another line count', '|3||1|', '|25||1|', 'D10-3', '"25" lines, there are 3'],
    ['another meter point count', '|3||1|', '|3||7|', 'D10-3', '"7" meter points, there are 1'],
    ['another file id', 'ZPT|0000000042', 'ZPT|0000000043', 'D10-2', 'file "0000000043", the header of "0000000042"'],
  ])('with %s is judged by mode', (_what, from, to, rule, says) => {
    const text = good.replace(from, to);
    const { problems } = collectEvents(d0010, text);
    expect(verdicts(problems)).toEqual([`warning ${rule} L5 ignored`]);
    expect(problems[0]!.message).toContain(says);
    expect(verdictsOf(text, strict)).toEqual([`error ${rule} L5 rejected`]);
  });

  it('without its trailer is incomplete', () => {
    const { facts, readings, problems } = collectEvents(d0010, `${[header, mpan, meter, reading].join('\n')}\n`);
    expect(facts[0]!.complete).toBe(false);
    expect(readings).toHaveLength(1);
    expect(verdicts(problems)).toEqual(['warning D10-2 L4 ignored']);
  });

  it.each([
    ['030|S|20260222000000|563', 'inside the value'],
    ['030|S|20260222000000|56311.0', 'before | closed the value'],
    ['030|S|202602220000', 'inside the time'],
    ['03', 'inside the group code'],
  ])('that breaks off at %s (%s) does not give a smaller reading', rest => {
    const { readings, problems } = collectEvents(d0010, `${[header, mpan, meter, rest].join('\n')}`);
    expect(readings).toEqual([]);
    expect(verdicts(problems)).toEqual(['error D10-2 L4 rejected', 'warning D10-2 L4 ignored']);
  });

  it('without its header is not read: nobody knows whether it is a test', () => {
    const { readings, problems, headers } = collectEvents(d0010, `${mpan}\n${meter}\n${reading}\n`);
    expect([readings, headers]).toEqual([[], []]);
    expect(new Set(problems.slice(0, 3).map(({ rule, action }) => `${rule} ${action}`))).toEqual(
      new Set(['D10-1 rejected']),
    );
  });

  it('of another flow is named, not parsed', () => {
    const { readings, problems } = collectEvents(d0010, good.replace('D0010002', 'D0150002'));
    expect(readings).toEqual([]);
    expect(problems[0]!.message).toContain('D0150 (Non Half-hourly Meter Technical Details) is not supported');
    expect(problems[1]!.message).toContain('3 groups, lines 2 to 4, were not read');
  });

  it('may be followed by another, but not by loose records', () => {
    const { readings, problems } = collectEvents(d0010, `${good}${reading}\r\n${good}`);
    expect(readings.map(({ line }) => line)).toEqual([4, 10]);
    expect(verdicts(problems)).toEqual(['error D10-2 L6 rejected']);
  });

  it('may end without a line end, as real ones do', () => {
    expect(verdictsOf(good.trimEnd())).toEqual([]);
  });
});

describe('whatever the bytes', () => {
  const whole = Buffer.from(
    `\ufeff${file(mpan, '027|01|é|', meter, reading, '032|05|T|', reading.replace('|S|', '|02|'), '028|M2|W|', reading, '0x0|', otherMpan, '', meter, reading)}`,
  );

  it('portions never change the result', () => {
    const atOnce = collectEvents(d0010, whole);
    expect(atOnce.readings).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }), lengths => {
        expect(collectEvents(d0010, cutInto(whole, lengths))).toEqual(atOnce);
      }),
    );
  });

  it('damage never throws, and every reading is whole', () => {
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), fc.nat(whole.length), (changes, length) => {
        const damaged = Buffer.from(whole.subarray(0, length));
        for (const { at, byte } of changes) if (at < length) damaged[at] = byte;
        const { readings, facts } = collectEvents(d0010, damaged);
        expect(facts).toHaveLength(1);
        for (const { value, at, meterPoint, registerId } of readings) {
          expect(Number.isSafeInteger(value) && value >= 0 && Number.isSafeInteger(at)).toBe(true);
          expect(meterPoint).toMatch(/^\d{13}$/);
          expect(registerId).not.toBe('');
        }
      }),
      { numRuns: 300 },
    );
  });
});
