import fc from 'fast-check';
import { expect, it } from 'vitest';
import { flowFormat } from '../../src/imports/dtc/flow-format.ts';
import type { FlowTable } from '../../src/imports/dtc/flow-table.ts';
import { interpretReadings, type ReadingCodes, readingGroups } from '../../src/imports/dtc/register-readings.ts';
import { isMpan, isMpanIn } from '../../src/units/identifiers.ts';
import { collectEvents, strict, tolerant } from './collect-events.ts';
import { dtcFile } from './dtc-file.ts';

const codes: ReadingCodes = {
  meterPoint: '026',
  meterPointVisit: '027',
  meter: '028',
  meterVisit: '029',
  reading: '030',
  validation: '032',
  readingVisit: '033',
};
let plainGroups = 0;
const table: FlowTable = {
  flow: 'D0010',
  versions: ['002'],
  counted: 'meter points',
  groups: readingGroups(codes),
  interpret: lent => {
    const interpreter = interpretReadings(codes)(lent);
    const { plain } = interpreter;
    const open = (line: number) => {
      plainGroups += 1;
      plain!.open(line);
    };
    return {
      open: group => interpreter.open(group),
      close: code => interpreter.close(code),
      plain: { read: (bytes, start, end) => plain!.read(bytes, start, end), open },
    };
  },
};
const byTable: FlowTable = {
  ...table,
  interpret: lent => {
    const interpreter = interpretReadings(codes)(lent);
    return { open: group => interpreter.open(group), close: code => interpreter.close(code) };
  },
};

const anyOf = (...texts: string[]) => fc.constantFrom(...texts);
const mpan = anyOf(
  '1200023305967',
  '1900001059816',
  '1200023305967',
  '1200023305968',
  '120002330596',
  '1200023305967 ',
  'x200023305967',
);
const serial = anyOf('F75A 00802', 'L123', 'L123', ' L123', 'L123 ', 'ABCDEFGHIJK', '', 'é12', 'L\t1', '\u00a0L1');
const type = anyOf('R', 'R', 'R', 'D', 'T', 'W', 'E', '', 'RR', 'r');
const register = anyOf('S', 'DY', 'S', '01', 'ABC', '', ' S', 'é');
const stamp = anyOf(
  '20260222000000',
  '20260110235959',
  '20261025013000',
  '20260329013000',
  '20260230000000',
  '2026022200000',
  '20260222000000Z',
);
const value = anyOf(
  '56311.0',
  '0',
  '0.5',
  '123456789',
  '1234567890',
  '12345678.5',
  '123456789.5',
  '1.25',
  '1.',
  '.5',
  '-1',
  '',
  '5631x',
  '00012.3',
);
const flag = anyOf('T', 'F', '', 'X', 'TT');
const method = anyOf('N', 'P', '', 'Q');
const rest = anyOf('|', '|', '|', '|', '||', '', '| ', '|x|');
const group = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(mpan, anyOf('V', 'V', 'U', 'F', 'X', '', 'VV'), rest)
      .map(([of, status, end]) => `026|${of}|${status}${end}`),
  },
  { weight: 4, arbitrary: fc.tuple(serial, type, rest).map(([of, sent, end]) => `028|${of}|${sent}${end}`) },
  {
    weight: 10,
    arbitrary: fc
      .tuple(register, stamp, value, anyOf('|', '|', '|', '20260222000000|01', ' |'), flag, method, rest)
      .map(([of, at, shows, reset, checked, how, end]) => `030|${of}|${at}|${shows}|${reset}|${checked}|${how}${end}`),
  },
  {
    weight: 2,
    arbitrary: anyOf(
      '027|1|note|',
      '029|1||',
      '032|05|T|',
      '033||x|',
      '999|?|',
      '',
      '030',
      '026|',
      '030|S|20260222000000|56311.0|||T|N|',
    ),
  },
);
const groups = fc.array(group, { minLength: 1, maxLength: 30 });
const plainest = ['026|1200023305967|V|', '028|F75A 00802|R|', '030|S|20260222000000|56311.0|||T|N|'];

it('groups of the plainest form say the same read off their bytes as read by the table, whatever stands around them', () => {
  const cutOff = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(60) });
  const check = (sent: string[], context: typeof strict, cut: number, ending: string) => {
    const text = dtcFile('D0010002', [...plainest, ...sent]).replaceAll('\r\n', ending);
    const file = text.slice(0, text.length - cut);
    expect(collectEvents(flowFormat('', table), file, context)).toEqual(
      collectEvents(flowFormat('', byTable), file, context),
    );
  };
  fc.assert(fc.property(groups, fc.constantFrom(strict, tolerant), cutOff, anyOf('\r\n', '\n'), check), {
    numRuns: 400,
    examples: [
      [['030|S|20260222000000|56311.0|||T|N|', '032|05|T|', '030|S|20260223000000|1|||F||'], strict, 0, '\n'],
      [['028|L1|T|', '030|S|20260222000000|1.0|||T|N|'], tolerant, 0, '\n'],
      [['026|1200023305968|V|', '028|L1|R|', '030|S|20260222000000|1.0|||T|N|'], strict, 0, '\r\n'],
    ],
  });
  // At the least those that every file begins with.
  expect(plainGroups).toBeGreaterThanOrEqual(3 * 400);
});

it('an MPAN is the same in bytes as in text', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 12, maxLength: 12 });
  const check = (twelve: string, last: number, stray: string) => {
    for (const text of [`${twelve}${last}`, `${twelve.slice(1)}${stray}${last}`])
      expect(isMpanIn(Buffer.from(`|${text}|`, 'latin1'), 1)).toBe(isMpan(text));
  };
  fc.assert(fc.property(digits, fc.nat(9), anyOf('/', ':', 'x', ' ', '|', '7'), check), { numRuns: 500 });
});
