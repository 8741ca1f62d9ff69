import { type EnergyUnit, energyMaxMicroKwh, parseEnergy } from '../../units/energy.ts';
import type { Profile, ValueColumn } from './profile.ts';

const unitDecimals = { kWh: 6, kW: 6, Wh: 3, W: 3, MWh: 9 } as const;
const energyUnitOf: Record<ValueColumn['unit'], EnergyUnit> = { kWh: 'kWh', kW: 'kWh', Wh: 'Wh', W: 'Wh', MWh: 'MWh' };
const powersOfTen = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
// Fifteen digits are always exact in a double.
const digitsMax = 15;
const minus = 45;

/** Reads the numbers of one unit, as integers of 1e-6 kWh or kW. After `read` answered false, `says` tells what is wrong. */
export class NumberReader {
  /** NaN when the cell says that there is no value. */
  value = Number.NaN;
  rounded = false;
  says = '';
  readonly #decimals: number;
  readonly #unit: ValueColumn['unit'];
  readonly #point: number;
  readonly #decimal: string;
  readonly #thousands: string;
  readonly #missing: ReadonlySet<string>;

  constructor(
    { decimal, thousands, missing }: Pick<Profile, 'decimal' | 'thousands' | 'missing'>,
    unit: ValueColumn['unit'],
  ) {
    this.#unit = unit;
    this.#decimals = unitDecimals[unit];
    this.#point = decimal.charCodeAt(0);
    this.#decimal = decimal;
    this.#thousands = thousands;
    this.#missing = new Set(missing.map(word => word.toLowerCase()));
  }

  read(bytes: Buffer, from: number, to: number): boolean {
    const point = this.#point;
    let at = from;
    const negative = bytes[at] === minus && at < to;
    if (negative) at += 1;
    const first = at;
    let mantissa = 0;
    let pointAt = -1;
    for (; at < to; at++) {
      const byte = bytes[at]!;
      if (byte >= 48 && byte <= 57) mantissa = mantissa * 10 + byte - 48;
      else if (byte === point && pointAt < 0) pointAt = at;
      else break;
    }
    const digits = at - first - (pointAt < 0 ? 0 : 1);
    const fraction = pointAt < 0 ? 0 : at - pointAt - 1;
    if (at === to && digits > 0 && digits <= digitsMax && fraction <= this.#decimals) {
      const value = mantissa * powersOfTen[this.#decimals - fraction]!;
      if (value <= energyMaxMicroKwh) {
        this.value = negative && value > 0 ? -value : value;
        this.rounded = false;
        return true;
      }
    }
    return this.#readUnusual(bytes.toString('utf8', from, to));
  }

  #readUnusual(text: string): boolean {
    this.value = Number.NaN;
    this.rounded = false;
    if (text === '' || this.#missing.has(text.toLowerCase())) return true;
    const plain = this.#withoutThousands(text);
    const parsed = plain === undefined ? undefined : parseEnergy(plain, energyUnitOf[this.#unit]);
    if (!parsed?.ok) {
      this.says = parsed?.why === 'too-large' ? 'is too large' : `is not a number of ${this.#unit}`;
      return false;
    }
    this.value = parsed.microKwh;
    this.rounded = parsed.rounded;
    return true;
  }

  /** "1.234,5" as "1234.5". A mark of thousands stands before three digits, or it is something else: 1,5 is not fifteen. */
  #withoutThousands(text: string): string | undefined {
    const [whole = '', fraction, ...more] = text.split(this.#decimal);
    if (more.length > 0 || /[^\d]/.test(fraction ?? '')) return undefined;
    let digits = whole;
    if (this.#thousands !== '') {
      const groups = (this.#thousands === ' ' ? whole.replace(/\s/g, ' ') : whole).split(this.#thousands);
      if (
        groups.slice(1).some(group => !/^\d{3}$/.test(group)) ||
        (groups.length > 1 && !/^[+-]?\d{1,3}$/.test(groups[0]!))
      )
        return undefined;
      digits = groups.join('');
    }
    if (!/^[+-]?\d*$/.test(digits)) return undefined;
    return fraction === undefined ? digits : `${digits}.${fraction}`;
  }
}

/** Energy of a mean power over an interval, half to even, for the units kW and W; NaN when there is none. */
export function energyOfPower(microKw: number, minutes: number): number {
  if (Number.isNaN(microKw)) return microKw;
  const product = BigInt(Math.abs(microKw)) * BigInt(minutes);
  const [whole, rest] = [product / 60n, product % 60n];
  const up = rest > 30n || (rest === 30n && whole % 2n === 1n);
  const magnitude = Number(up ? whole + 1n : whole);
  return microKw < 0 && magnitude > 0 ? -magnitude : magnitude;
}
