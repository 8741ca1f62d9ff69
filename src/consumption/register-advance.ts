import { exchangeBetween, one, type RegisterMap, registerAt } from '../accounts/register-map.ts';
import { advanceOnDial, rangeOfDial } from '../readings/dial.ts';
import type { Reading } from '../readings/reading.ts';
import { formatKwh, type MicroKwh, microKwh } from '../units/energy.ts';
import type { Instant } from '../units/time.ts';

export type DialReading = Pick<Reading, 'at' | 'value' | 'quality'>;

/** What flowed between two readings that follow each other, and why. */
export interface Advance {
  from: DialReading;
  to: DialReading;
  /** Never negative. */
  energy: MicroKwh;
  /** The dials it was counted on: one, or two when the meter was exchanged in between. */
  parts: AdvancePart[];
}

export interface AdvancePart {
  startAt: Instant;
  endAt: Instant;
  startValue: MicroKwh;
  endValue: MicroKwh;
  /** Of the dial, not of the energy; larger than the difference when the register began again. */
  advance: MicroKwh;
  rolledOver: boolean;
  multiplierMicro: number;
  digits: number | undefined;
  energy: MicroKwh;
}

/**
 * The energy between each two neighbours of a register's readings, by the map that was in force at the earlier one: a multiplier that
 * changes without a reading would leave nobody able to say which part was counted with which. undefined where the register counts
 * down and no digits or exchange explain it: nothing is known there.
 */
export function advances(readings: readonly Reading[], map: RegisterMap | undefined): (Advance | undefined)[] {
  return readings.slice(1).map((to, at) => advanceBetween(readings[at]!, to, map));
}

function advanceBetween(from: DialReading, to: DialReading, map: RegisterMap | undefined): Advance | undefined {
  const exchanged = exchangeBetween(map, from.at, to.at);
  if (!exchanged?.exchange) {
    const part = partBetween(from, to, map, from.at);
    return part && { from, to, energy: part.energy, parts: [part] };
  }
  const { fromAt: at, exchange } = exchanged;
  // Readings that somebody between two exchanges did not take are covered by neither of them.
  if (exchangeBetween(map, from.at, (at - 1) as Instant)) return undefined;
  const old = partBetween(from, { at, value: exchange.finalValue }, map, from.at);
  const young = partBetween({ at, value: exchange.firstValue }, to, map, at);
  return old && young && { from, to, energy: microKwh(old.energy + young.energy), parts: [old, young] };
}

type DialValue = Pick<DialReading, 'at' | 'value'>;

function partBetween(
  start: DialValue,
  end: DialValue,
  map: RegisterMap | undefined,
  mapAt: Instant,
): AdvancePart | undefined {
  const { multiplierMicro, digits } = registerAt(map, mapAt);
  const advance = advanceOnDial(start.value, end.value, digits);
  if (advance === undefined) return undefined;
  const rolledOver = end.value < start.value;
  // Scaled value by value, and the difference taken then: what is between two readings is the same however many lie in between.
  const counted = scaled(end.value, multiplierMicro) - scaled(start.value, multiplierMicro);
  const turn = rolledOver && digits !== undefined ? scaled(rangeOfDial(digits), multiplierMicro) : 0n;
  return {
    ...{ startAt: start.at, endAt: end.at, startValue: start.value, endValue: end.value },
    ...{ advance, rolledOver, multiplierMicro, digits },
    energy: microKwh(Number(counted + turn)),
  };
}

function scaled(value: MicroKwh, multiplierMicro: number): bigint {
  return multiplierMicro === one ? BigInt(value) : (BigInt(value) * BigInt(multiplierMicro)) / 1_000_000n;
}

/** "(20 − 99990 + 100000) × 40 = 1200 kWh"; both dials of an exchange added up. */
export function arithmeticOf({ parts, energy }: Pick<Advance, 'parts' | 'energy'>): string {
  const words = parts.map(({ startValue, endValue, rolledOver, digits, multiplierMicro }) => {
    const turn = rolledOver && digits !== undefined ? ` + ${formatKwh(rangeOfDial(digits))}` : '';
    const difference = `${formatKwh(endValue)} − ${formatKwh(startValue)}${turn}`;
    if (multiplierMicro === one) return parts.length > 1 ? `(${difference})` : difference;
    return `(${difference}) × ${formatKwh(microKwh(multiplierMicro))}`;
  });
  return `${words.join(' + ')} = ${formatKwh(energy)} kWh`;
}
