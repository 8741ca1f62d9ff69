import type { MicroKwh } from '../units/energy.ts';
import type { Day, Instant } from '../units/time.ts';
import type { Flow } from './meter-point.ts';

export const registerKinds = ['cumulative', 'maximum-demand', 'other'] as const;
export type RegisterKind = (typeof registerKinds)[number];

/** What was told of a register, from a day on; what is left out stays as it was (D10-17). */
export interface RegisterFacts {
  fromDay: Day;
  /** When that day begins at the meter point; of an exchange, its moment. */
  fromAt: Instant;
  /** What one unit on the dial stands for, an integer of 1e-6: 80 is 80,000,000. */
  multiplierMicro: number | undefined;
  /** Digits before the decimal point: with 5 the register goes from 99999 to 00000. */
  digits: number | undefined;
  kind: RegisterKind | undefined;
  /** Measurement quantity of the British market, AI, AE, RI or RE; '' when it was not told. */
  quantity: string;
  /** Standard settlement configuration and time pattern regime, '' when they were not told. */
  configuration: string;
  timePattern: string;
  /** The meter was exchanged at `fromAt`: what the old one showed last, and the new one first. */
  exchange: { finalValue: MicroKwh; firstValue: MicroKwh } | undefined;
  /** Nobody told it: it was worked out of a file's readings, and a later day's worked out of others may follow it. */
  isDerived?: boolean;
  versionAt: Instant;
  source: number;
  line: number;
}

/** Everything told of a register, oldest first. */
export type RegisterMap = readonly RegisterFacts[];

/** The map with one more telling in its place. */
export function withFacts(map: RegisterMap, facts: RegisterFacts): RegisterMap {
  return [...map, facts].sort((a, b) => a.fromAt - b.fromAt || a.versionAt - b.versionAt);
}

/** What holds at an instant, each item by the last facts that tell it. */
export interface RegisterAt {
  multiplierMicro: number;
  digits: number | undefined;
  kind: RegisterKind | undefined;
  quantity: string;
  configuration: string;
  timePattern: string;
}

export const one = 1_000_000;

/**
 * What holds at `at`. Before the first facts that tell an item those hold as well: a register had its dials and its transformer before
 * somebody told us of them, and to bill it without would be wrong by the factor of the multiplier.
 */
export function registerAt(map: RegisterMap | undefined, at: Instant): RegisterAt {
  return {
    multiplierMicro: multiplierAt(map, at) ?? one,
    digits: lastTold(map, at, facts => facts.digits),
    kind: lastTold(map, at, facts => facts.kind),
    quantity: lastTold(map, at, facts => facts.quantity || undefined) ?? '',
    configuration: lastTold(map, at, facts => facts.configuration || undefined) ?? '',
    timePattern: lastTold(map, at, facts => facts.timePattern || undefined) ?? '',
  };
}

const items = ['multiplierMicro', 'digits', 'kind', 'quantity', 'configuration', 'timePattern'] as const;

/** Whether the facts of a moment are the first to tell any item: that holds before them, too. */
export function tellsFirst(map: RegisterMap, at: Instant): boolean {
  return items.some(item => map.find(facts => facts[item] !== undefined && facts[item] !== '')?.fromAt === at);
}

/** Multiplier alone; undefined when nobody told one. */
export function multiplierAt(map: RegisterMap | undefined, at: Instant): number | undefined {
  return lastTold(map, at, facts => facts.multiplierMicro);
}

/** The facts by which an item holds; undefined when nobody told it. */
export function factsThatTell(
  map: RegisterMap | undefined,
  at: Instant,
  item: 'multiplierMicro' | 'digits',
): RegisterFacts | undefined {
  const telling = (map ?? []).filter(facts => facts[item] !== undefined);
  const from = Math.max(at, telling[0]?.fromAt ?? at);
  return telling.findLast(({ fromAt }) => fromAt <= from);
}

/** Digits alone, for the one who asks for every reading. */
export function digitsAt(map: RegisterMap | undefined, at: Instant): number | undefined {
  return map && lastTold(map, at, facts => facts.digits);
}

/**
 * Whether the day's facts said the same with this stamp or a newer one: there is nothing to add then. Said again with a newer stamp it is
 * added, as something else may come that was said in between.
 */
export function isTold(map: RegisterMap, facts: RegisterFacts): boolean {
  return map.some(
    told => told.fromAt === facts.fromAt && told.versionAt >= facts.versionAt && saysTheSame(told, facts),
  );
}

/**
 * What another source told of the same moment with the same stamp, and otherwise: neither is newer than the other, so that which of them
 * came first holds until somebody tells something newer. What was only worked out of readings gives way.
 */
export function factsContradicted(map: RegisterMap | undefined, facts: RegisterFacts): RegisterFacts | undefined {
  if (!map || isTold(map, facts)) return undefined;
  return map.find(
    told =>
      told.source !== facts.source &&
      !told.isDerived &&
      told.fromAt === facts.fromAt &&
      told.versionAt === facts.versionAt &&
      itemsToldOtherwise(told, facts).length > 0,
  );
}

/** Items that both tell, and not alike. */
export function itemsToldOtherwise(told: RegisterFacts, facts: RegisterFacts): (typeof items)[number][] {
  const isTellingOf = (each: RegisterFacts, item: (typeof items)[number]) =>
    each[item] !== undefined && each[item] !== '';
  return items.filter(item => isTellingOf(told, item) && isTellingOf(facts, item) && told[item] !== facts[item]);
}

/** Whether the day's newest facts say the same, so that these change nothing. */
export function isSaidAgain(map: RegisterMap, facts: RegisterFacts): boolean {
  const newest = map.findLast(({ fromAt }) => fromAt === facts.fromAt);
  return newest !== undefined && saysTheSame(newest, facts);
}

/** The map without what only says again what the facts before it said of the same moment: whoever reads it learns nothing from that. */
export function withoutRepeats(map: RegisterMap): RegisterMap {
  return map.filter((facts, at) => {
    const before = map[at - 1];
    return !before || before.fromAt !== facts.fromAt || !saysTheSame(before, facts);
  });
}

/** When the meter was exchanged between two readings, the last time; undefined when it was not. */
export function exchangeBetween(
  map: RegisterMap | undefined,
  after: Instant,
  upTo: Instant,
): RegisterFacts | undefined {
  return map?.findLast(({ exchange, fromAt }) => exchange && fromAt > after && fromAt <= upTo);
}

/** The meter's last exchange up to `at`, and the next one after it: the two ends of the dial that was read then. */
export function exchangesAround(
  map: RegisterMap,
  at: Instant,
): { last: RegisterFacts | undefined; next: RegisterFacts | undefined } {
  const next = map.find(({ exchange, fromAt }) => exchange && fromAt > at)?.fromAt;
  return {
    last: map.findLast(({ exchange, fromAt }) => exchange && fromAt <= at),
    // Told twice, it was corrected.
    next: map.findLast(({ exchange, fromAt }) => exchange && fromAt === next),
  };
}

/** Which way a register's energy went, when its map says so: reactive energy and maximum demand are never billed as energy. */
export function flowOfMap(map: RegisterMap): { flow: Flow; unit: string } | undefined {
  return flowOfDial(registerAt(map, Number.MAX_SAFE_INTEGER as Instant));
}

/** The same of what holds at a time. */
export function flowOfDial({
  kind,
  quantity,
}: Pick<RegisterAt, 'kind' | 'quantity'>): { flow: Flow; unit: string } | undefined {
  if (kind === 'maximum-demand') return { flow: 'none', unit: 'kW' };
  if (kind === 'other') return { flow: 'none', unit: 'kWh' };
  return flowOfQuantity[quantity];
}

const flowOfQuantity: Record<string, { flow: Flow; unit: string }> = {
  AI: { flow: 'from-grid', unit: 'kWh' },
  AE: { flow: 'to-grid', unit: 'kWh' },
  RI: { flow: 'none', unit: 'kVArh' },
  RE: { flow: 'none', unit: 'kVArh' },
};

/** Whether two tell the same items alike, with whichever stamps. */
export function saysTheSame(one: RegisterFacts, other: RegisterFacts): boolean {
  return (
    one.multiplierMicro === other.multiplierMicro &&
    one.digits === other.digits &&
    one.kind === other.kind &&
    one.quantity === other.quantity &&
    one.configuration === other.configuration &&
    one.timePattern === other.timePattern &&
    one.exchange?.finalValue === other.exchange?.finalValue &&
    one.exchange?.firstValue === other.exchange?.firstValue
  );
}

function lastTold<T>(
  map: RegisterMap | undefined,
  at: Instant,
  tell: (facts: RegisterFacts) => T | undefined,
): T | undefined {
  let told: T | undefined;
  let from = at;
  for (const facts of map ?? []) {
    const value = tell(facts);
    if (value === undefined) continue;
    // What holds before the first telling is what that first moment was corrected to, when it was told twice.
    if (told === undefined && facts.fromAt > from) from = facts.fromAt;
    if (facts.fromAt > from) return told;
    told = value;
  }
  return told;
}
