/** Energy: an integer of 1e-6 kWh. Exact in a double, and fine enough for every published meter file. */
export type MicroKwh = number & { readonly microKwh: unique symbol };

export const energyUnits = ['kWh', 'Wh', 'MWh'] as const;
export type EnergyUnit = (typeof energyUnits)[number];

/** How many decimal digits of the unit make one MicroKwh. */
const unitDecimals: Record<EnergyUnit, number> = { Wh: 3, kWh: 6, MWh: 9 };

/** 4.5e9 kWh: half of what a double holds exactly, so that the difference of any two energies is exact as well. */
export const energyMaxMicroKwh = 2 ** 52 - 1;

/** Marks an integer as micro-kWh; the caller vouches that it is one. */
export function microKwh(integer: number): MicroKwh {
  return integer as MicroKwh;
}

export type ParsedEnergy =
  | {
      ok: true;
      microKwh: MicroKwh /** true when more decimals were sent than 1e-6 kWh holds, rounded half to even */;
      rounded: boolean;
    }
  | { ok: false; why: 'not-a-number' | 'too-large' };

const plainDecimal = /^([+-]?)(\d*)(?:\.(\d*))?$/;
const scientific = /^([+-]?\d+(?:\.\d+)?)[eE]([+-]?\d{1,3})$/;

/**
 * Reads energy from a decimal string, or from a JSON number through its shortest decimal form, without passing through a
 * binary fraction. A string may not carry an exponent (N12-19); a JSON number may.
 */
export function parseEnergy(value: string | number, unit: EnergyUnit = 'kWh'): ParsedEnergy {
  const text = typeof value === 'number' ? expandExponent(String(value)) : value;
  const match = plainDecimal.exec(text);
  if (!match || (!match[2] && !match[3])) return { ok: false, why: 'not-a-number' };
  const [, sign, whole = '', fraction = ''] = match;
  const decimals = unitDecimals[unit];
  const kept = fraction.slice(0, decimals).padEnd(decimals, '0');
  const dropped = fraction.slice(decimals);
  let magnitude = Number(`${whole}${kept}`);
  if (magnitude > energyMaxMicroKwh) return { ok: false, why: 'too-large' };
  const rounded = /[1-9]/.test(dropped);
  if (rounded && roundsUp(dropped, magnitude)) magnitude += 1;
  return { ok: true, microKwh: microKwh(sign === '-' && magnitude !== 0 ? -magnitude : magnitude), rounded };
}

/** Half to even, decided on the dropped decimal digits. */
function roundsUp(dropped: string, kept: number): boolean {
  const first = dropped.charCodeAt(0) - 48;
  if (first !== 5) return first > 5;
  return /[1-9]/.test(dropped.slice(1)) || kept % 2 === 1;
}

function expandExponent(text: string): string {
  const match = scientific.exec(text);
  if (!match) return text;
  const [sign, whole = '', fraction = ''] = splitDecimal(match[1]!);
  const shift = Number(match[2]);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits.padEnd(point, '0')}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function splitDecimal(text: string): [sign: string, whole: string, fraction: string] {
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = (negative ? text.slice(1) : text).split('.');
  return [negative ? '-' : '', whole, fraction];
}

/** The exact decimal text in kWh, without trailing zeros beyond `decimalsMin`: 512000 → "0.512". */
export function formatKwh(energy: MicroKwh, decimalsMin = 0): string {
  const magnitude = Math.abs(energy);
  const whole = Math.trunc(magnitude / 1e6);
  let fraction = String(magnitude % 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '');
  fraction = fraction.padEnd(decimalsMin, '0');
  return `${energy < 0 ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}
