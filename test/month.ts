/**
 * A month of three meters, and what it must cost: made with nothing of src/, so that the bill is held against a second way of
 * getting there. October 2025 in Adelaide: the clock goes from +09:30 to +10:30 on the 5th, so there are 1486 half-hours.
 */

export const zone = 'Australia/Adelaide';
export const month = '2025-10';
export const halfHour = 1800;
const begins = Date.parse('2025-10-01T00:00:00+09:30') / 1000;
const ends = Date.parse('2025-11-01T00:00:00+10:30') / 1000;
const clockChange = Date.parse('2025-10-05T02:00:00+09:30') / 1000;
export const slotCount = (ends - begins) / halfHour;

export const startOf = (slot: number): number => begins + slot * halfHour;
const offsetOf = (at: number): number => (at < clockChange ? 9.5 : 10.5) * 3600;
const offsetText = (at: number): string => (at < clockChange ? '+09:30' : '+10:30');

export const utc = (at: number): string => `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
export const wall = (at: number): string => new Date((at + offsetOf(at)) * 1000).toISOString().slice(0, 19);
export const local = (at: number): string => `${wall(at)}${offsetText(at)}`;

/** Numbers that look random and are the same every time. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}

/** Micro-kWh of each half-hour, to the sixth decimal. */
export function load(seed: number): bigint[] {
  const random = dice(seed);
  return Array.from({ length: slotCount }, () => BigInt(Math.floor(random() * 2_500_001)));
}

/** 1234567 is "1.234567", 1200000 is "1.2". */
export function decimal(micro: bigint): string {
  const digits = String(micro).padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, '');
}

type Rate = 'PEAK' | 'SHOULDER' | 'OFF_PEAK';
const pricesInTenthCents: Record<Rate, bigint> = { PEAK: 400n, SHOULDER: 295n, OFF_PEAK: 210n };

/** P2-15 in words: peak 17 to 21 every day, shoulder 7 to 17 from Monday to Friday, off-peak the rest. */
function rateOf(slot: number): Rate {
  const clock = new Date((startOf(slot) + offsetOf(startOf(slot))) * 1000);
  const hour = clock.getUTCHours();
  const weekend = clock.getUTCDay() === 0 || clock.getUTCDay() === 6;
  if (hour >= 17 && hour < 21) return 'PEAK';
  return hour >= 7 && hour < 17 && !weekend ? 'SHOULDER' : 'OFF_PEAK';
}

export interface ExpectedLine {
  code: string;
  quantity: string;
  cents: bigint;
}

/** The lines of one supply: energy per rate, and 31 days at 1.60. */
export function linesFor(energies: readonly bigint[]): ExpectedLine[] {
  const sums: Record<Rate, bigint> = { PEAK: 0n, SHOULDER: 0n, OFF_PEAK: 0n };
  energies.forEach((energy, slot) => {
    sums[rateOf(slot)] += energy;
  });
  const lines = (['PEAK', 'SHOULDER', 'OFF_PEAK'] as const).map(rate => ({
    code: `USE.${rate}`,
    quantity: decimal(sums[rate]),
    // Micro-kWh times tenths of a cent: 1e7 to the cent, halves up.
    cents: (sums[rate] * pricesInTenthCents[rate] + 5_000_000n) / 10_000_000n,
  }));
  return [...lines, { code: 'SUPPLY', quantity: '31', cents: 4960n }];
}

/** Ten per cent on top, halves up. */
export function withGst(supplies: readonly (readonly ExpectedLine[])[]): { exGst: bigint; gst: bigint; total: bigint } {
  const exGst = supplies.flat().reduce((sum, { cents }) => sum + cents, 0n);
  const gst = (exGst + 5n) / 10n;
  return { exGst, gst, total: exGst + gst };
}

export function money(cents: bigint): string {
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
}
