import { type EnergyUnit, energyMaxMicroKwh, parseEnergy } from '../../units/energy.ts';
import { fieldEnd } from '../record-fields.ts';
import { isQualityMethodShape, type UnitDecimals } from './mdff.ts';

/** What one row of interval values held. */
export interface ValueRow {
  /** Offset of the byte after the last value's comma: where QualityMethod begins. Past the end when the record stops short. */
  next: number;
  /** Values there were before the record ended or QualityMethod came; the row is good only when it is the number asked for. */
  found: number;
  faults: ValueFault[];
  emptyCells: number;
  /** Columns are 1-based, 0 for none. */
  firstEmptyColumn: number;
  roundedColumn: number;
  blankColumn: number;
  /** Most decimals of any value, and where. */
  decimalsMost: number;
  decimalsColumn: number;
}

export interface ValueFault {
  /** 1-based number of the interval. */
  interval: number;
  column: number;
  raw: string;
  says: string;
}

const noFaults: ValueFault[] = [];
// One for all rows: a file has a million of them.
const row: ValueRow = {
  next: 0,
  found: 0,
  faults: noFaults,
  emptyCells: 0,
  firstEmptyColumn: 0,
  roundedColumn: 0,
  blankColumn: 0,
  decimalsMost: 0,
  decimalsColumn: 0,
};
const comma = 44;
const dot = 46;
const powersOfTen = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
// Fifteen digits are always exact in a double.
const digitsMax = 15;

/**
 * Reads `count` comma-separated values from `bytes[at, end)` into `energies` as integers of 1e-6 of the normalised unit (`decimals`
 * of the unit as sent); an empty cell becomes NaN (N12-22). `start` is where the line begins, for columns.
 * What is answered is good until the next row is read. Digits are gathered from the bytes; whatever is not plainly digits, at most one dot and few enough of both, goes the exact slow way.
 */
export function readValues(
  bytes: Buffer,
  start: number,
  at: number,
  end: number,
  count: number,
  decimals: UnitDecimals,
  energies: Float64Array,
): ValueRow {
  row.next = end + 1;
  row.found = 0;
  row.faults = noFaults;
  row.emptyCells = 0;
  row.firstEmptyColumn = 0;
  row.roundedColumn = 0;
  row.blankColumn = 0;
  row.decimalsMost = 0;
  row.decimalsColumn = 0;
  let from = at;
  for (let index = 0; index < count; index++) {
    const plain = readPlain(bytes, from, end, index, count, powersOfTen[decimals - plainDecimals]!, energies);
    if (plain > 0) {
      if (row.decimalsMost < plainDecimals) {
        row.decimalsMost = plainDecimals;
        row.decimalsColumn = from - start + 1;
      }
      row.found = index + plain;
      index += plain - 1;
      from += plain * plainLength;
      continue;
    }
    if (from > end) break;
    let mantissa = 0;
    let digits = 0;
    let point = -1;
    let here = from;
    for (; here < end; here++) {
      const byte = bytes[here]!;
      if (byte >= 48 && byte <= 57) {
        mantissa = mantissa * 10 + byte - 48;
        digits += 1;
      } else if (byte === dot && point < 0) {
        point = here;
      } else {
        break;
      }
    }
    const fraction = point < 0 ? 0 : here - point - 1;
    let value = Number.NaN;
    if ((here === end || bytes[here] === comma) && digits > 0 && digits <= digitsMax && fraction <= decimals) {
      value = mantissa * powersOfTen[decimals - fraction]!;
    }
    if (value <= energyMaxMicroKwh) {
      energies[index] = value;
      if (fraction > row.decimalsMost) {
        row.decimalsMost = fraction;
        row.decimalsColumn = from - start + 1;
      }
      from = here + 1;
    } else {
      const comesNext = readUnusual(bytes, start, from, end, index, decimals, energies);
      if (comesNext < 0) {
        row.found = index;
        break;
      }
      from = comesNext;
    }
    // Empty cells at the end of a record that stops short are padding, not values.
    if (index + 1 === count || !Number.isNaN(energies[index]!)) row.found = index + 1;
  }
  row.next = from;
  return row;
}

// "0.512,": nearly all half-hours are below ten and told to the watt-hour. Taken by themselves they are read twice as quickly.
const [plainLength, plainDecimals] = [6, 3];

/** Values of that form, each with its comma, as many as come one after the other; returns how many. */
function readPlain(
  bytes: Buffer,
  from: number,
  end: number,
  index: number,
  count: number,
  scale: number,
  energies: Float64Array,
): number {
  const most = Math.min(count - index, Math.floor((end - from) / plainLength));
  let at = from;
  for (let each = index; each < index + most; each++, at += plainLength) {
    const ones = bytes[at]! ^ 48;
    const tenths = bytes[at + 2]! ^ 48;
    const hundredths = bytes[at + 3]! ^ 48;
    const thousandths = bytes[at + 4]! ^ 48;
    // What is no digit becomes ten or more.
    if (bytes[at + 1] !== dot || bytes[at + 5] !== comma || ones > 9 || tenths > 9 || hundredths > 9 || thousandths > 9)
      return each - index;
    energies[each] = (ones * 1000 + tenths * 100 + hundredths * 10 + thousandths) * scale;
  }
  return most;
}

const unitOfDecimals: Record<UnitDecimals, EnergyUnit> = { 3: 'Wh', 6: 'kWh', 9: 'MWh' };

/** One value that is not plain digits. Answers where the next field begins, or -1 when this field is not a value but QualityMethod. */
function readUnusual(
  bytes: Buffer,
  start: number,
  from: number,
  end: number,
  index: number,
  decimals: UnitDecimals,
  energies: Float64Array,
): number {
  const to = fieldEnd(bytes, from, end);
  const raw = bytes.toString('utf8', from, to);
  const text = raw.trim();
  const column = from - start + 1;
  // Met too early: values are missing (N12-20).
  if (isQualityMethodShape(text)) return -1;
  energies[index] = Number.NaN;
  if (text !== raw && row.blankColumn === 0) row.blankColumn = column;
  if (text === '') {
    row.emptyCells += 1;
    if (row.firstEmptyColumn === 0) row.firstEmptyColumn = column;
    return to + 1;
  }
  const parsed = text.startsWith('+')
    ? ({ ok: false, why: 'not-a-number' } as const)
    : parseEnergy(text, unitOfDecimals[decimals]);
  if (parsed.ok && parsed.microKwh >= 0) {
    energies[index] = parsed.microKwh;
    if (parsed.rounded && row.roundedColumn === 0) row.roundedColumn = column;
    const fraction = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
    if (fraction > row.decimalsMost) {
      row.decimalsMost = fraction;
      row.decimalsColumn = column;
    }
  } else {
    if (row.faults === noFaults) row.faults = [];
    row.faults.push({ interval: index + 1, column, raw, says: whyNot(parsed) });
  }
  return to + 1;
}

function whyNot(parsed: ReturnType<typeof parseEnergy>): string {
  if (parsed.ok) return 'is negative; interval values are zero or more';
  return parsed.why === 'too-large' ? 'is too large' : 'is not an interval value';
}
