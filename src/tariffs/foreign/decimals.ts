import { assert } from '../../kernel/assert.ts';
import { formatKwh, microKwh, parseEnergy } from '../../units/energy.ts';
import { parseRate, type Rate } from '../../units/rate.ts';

const plain = /^\s*([+-]?)(\d*)(?:\.(\d*))?\s*$/;
const rateDecimals = 8;
export const zeroRate = 0n as Rate;

/** The plain decimal text of a decimal string or JSON number; undefined for anything else. No binary fraction is computed with. */
export function decimalText(value: unknown): string | undefined {
  if (typeof value === 'number') return expanded(String(value));
  if (typeof value !== 'string') return undefined;
  const match = plain.exec(value);
  if (!match || (!match[2] && !match[3])) return undefined;
  const fraction = match[3] ? `.${match[3]}` : '';
  return `${match[1] === '-' ? '-' : ''}${match[2] || '0'}${fraction}`;
}

/** "5e-7" is "0.0000005", as JavaScript writes small numbers. */
function expanded(text: string): string | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return /^-?\d+(\.\d+)?$/.test(text) ? text : undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits.padEnd(point, '0')}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A price of eight decimals, half away from zero; `rounded` when more were given. */
export function rateOf(decimal: string): { rate: Rate; rounded: boolean } {
  const [whole = '', fraction = ''] = decimal.split('.');
  const kept = fraction.slice(0, rateDecimals);
  const dropped = fraction.slice(rateDecimals);
  const rate = parseRate(kept ? `${whole}.${kept}` : whole);
  assert(rate !== undefined, 'a plain decimal of at most eight decimals');
  const up = dropped.charCodeAt(0) >= 53;
  const away = decimal.startsWith('-') ? -1n : 1n;
  return { rate: (up ? rate + away : rate) as Rate, rounded: /[1-9]/.test(dropped) };
}

/** The sum of two quantities of at most six decimals. */
export function addQuantities(a: string, b: string): string {
  return formatKwh(microKwh(microOf(a) + microOf(b)));
}

/** The sum of two prices of at most eight decimals. */
export function addRates(a: Rate, b: Rate): Rate {
  return (a + b) as Rate;
}

/** A percentage as a fraction; the eighth decimal is cut. */
export function hundredth(percent: Rate): Rate {
  return (percent / 100n) as Rate;
}

export function microOf(text: string): number {
  const parsed = parseEnergy(text);
  assert(parsed.ok, 'a quantity that was read');
  return parsed.microKwh;
}
