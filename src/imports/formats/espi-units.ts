import { type Quality, qualityCode } from '../../readings/reading.ts';
import { energyMaxMicroKwh } from '../../units/energy.ts';
import { qualityNotSaid } from './espi-columns.ts';

/** Code lists of NAESB's ESPI schema, as far as meter data use them (GB-3 to GB-9). */

export interface UnitOfFeed {
  /** As series are kept in: "kWh", "therm". */
  unit: string;
  /** Powers of ten from the code's unit to 1e-6 of `unit`: Wh to micro-kWh is 3. */
  exponent: number;
  /** Services it can be counted for: 0 electricity, 1 gas, 2 water. */
  services: string[];
}

const electrical = (unit: string): UnitOfFeed => ({ unit, exponent: 3, services: ['0'] });
const fluid = (unit: string): UnitOfFeed => ({ unit, exponent: 6, services: ['1', '2'] });
const heat = (unit: string): UnitOfFeed => ({ unit, exponent: 6, services: ['1'] });

/** By the code of uom. */
export const unitsOfFeed: Record<string, UnitOfFeed> = {
  31: heat('J'),
  38: electrical('kW'),
  42: fluid('m3'),
  61: electrical('kVA'),
  63: electrical('kVAr'),
  71: electrical('kVAh'),
  // Gas is sold by the kilowatt-hour in places; it is energy of another network all the same.
  72: { unit: 'kWh', exponent: 3, services: ['0', '1'] },
  73: electrical('kVArh'),
  119: fluid('ft3'),
  128: fluid('gal'),
  132: heat('BTU'),
  169: heat('therm'),
};

export const services: Record<string, string> = { 0: 'electricity', 1: 'gas', 2: 'water' };

/** How a reading comes to be (GB-9); a code that is not listed counts as estimated, so that no bill calls it metered. */
const qualitiesOfFeed: Record<string, Quality> = {
  0: 'actual',
  7: 'substituted',
  8: 'estimated',
  9: 'estimated',
  10: 'estimated',
  11: 'estimated',
  12: 'estimated',
  13: 'estimated',
  14: 'actual',
  15: 'substituted',
  16: 'estimated',
  17: 'actual',
  18: 'actual',
  19: 'actual',
};

/** The code of the worst of what is said of a reading; `qualityNotSaid` when nothing is. */
export function worstQuality(said: readonly string[], onUnknown: (code: string) => void): number {
  let worst = qualityNotSaid;
  for (const code of said) {
    const quality = code === '' ? 'actual' : qualitiesOfFeed[code];
    if (quality === undefined) onUnknown(code);
    const rank = qualityCode(quality ?? 'estimated');
    worst = worst === qualityNotSaid ? rank : Math.max(worst, rank);
  }
  return worst;
}

export interface Scaled {
  value: number;
  rounded: boolean;
}

/** An integer times a power of ten, rounded half to even; undefined when it is more than the register of the house holds. */
export function scale(integer: number, exponent: number): Scaled | undefined {
  const fast = integer * 10 ** exponent;
  if (exponent >= 0) return Math.abs(fast) <= energyMaxMicroKwh ? { value: fast, rounded: false } : undefined;
  if (exponent < -15) return { value: 0, rounded: integer !== 0 };
  const divisor = 10n ** BigInt(-exponent);
  const whole = BigInt(integer);
  let value = whole / divisor;
  const rest = whole % divisor;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice > divisor || (twice === divisor && value % 2n !== 0n)) value += whole < 0n ? -1n : 1n;
  const magnitude = Number(value);
  return Math.abs(magnitude) <= energyMaxMicroKwh
    ? { value: magnitude === 0 ? 0 : magnitude, rounded: rest !== 0n }
    : undefined;
}
