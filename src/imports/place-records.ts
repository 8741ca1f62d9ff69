import type { Flow, MeterPoint, Series } from '../accounts/meter-point.ts';
import type { NewSeries } from '../accounts/meter-point-store.ts';
import { isSameMeter } from '../accounts/meter-serial.ts';
import { factsContradicted, factsThatTell, type RegisterFacts, type RegisterMap } from '../accounts/register-map.ts';
import { dayOf, type Instant, instant, startOfDay, type Zone } from '../units/time.ts';
import type { IntervalChannel, RegisterMapping, RegisterReading } from './format.ts';
import type { ImportBooks } from './import-books.ts';
import type { CreatedMeterPoints } from './import-report.ts';

interface PlaceDeps {
  meterPoints: ImportBooks['meterPoints'];
  zone: Zone;
}

/** The series of a channel, when it is known. */
export function findChannel({ meterPoints }: PlaceDeps, channel: IntervalChannel): Series | undefined {
  const meterPoint = meterPoints.find(channel.meterPoint);
  return meterPoint && meterPoints.findSeries(meterPoint.id, 'channel', channel.suffix);
}

/** The same; meter points and channels met for the first time are made. */
export function placeChannel(
  deps: PlaceDeps,
  channel: IntervalChannel,
  now: Instant,
  created: CreatedMeterPoints,
): Series {
  const meterPoint = meterPointOf(deps, channel.meterPoint, now, created);
  return (
    deps.meterPoints.findSeries(meterPoint.id, 'channel', channel.suffix) ??
    deps.meterPoints.addSeries({ ...newChannel(channel), meterPointId: meterPoint.id }, now)
  );
}

/** The series of a register, when it is known. */
export function findRegister(deps: PlaceDeps, record: NamedRegister): Series | undefined {
  const meterPoint = deps.meterPoints.find(record.meterPoint);
  return meterPoint && findRegisterAt(deps, meterPoint, record);
}

/** The same, where its meter point was looked up. */
export function findRegisterAt(
  { meterPoints }: PlaceDeps,
  { id }: MeterPoint,
  { registerId, meterSerial }: NamedRegister,
): Series | undefined {
  for (const series of meterPoints.listSeries(id))
    if (series.kind === 'register' && series.code === registerId && isSameMeter(series.serial, meterSerial))
      return series;
  return undefined;
}

/** The same; meter points and registers met for the first time are made. */
export function placeRegister(
  deps: PlaceDeps,
  record: NamedRegister,
  now: Instant,
  created: CreatedMeterPoints,
): Series {
  return (
    findRegister(deps, record) ?? addRegister(deps, meterPointOf(deps, record.meterPoint, now, created), record, now)
  );
}

/** Makes a register that `findRegister` did not find. */
export function addRegister(deps: PlaceDeps, meterPoint: MeterPoint, record: NamedRegister, now: Instant): Series {
  const { registerId: code, meterSerial: serial, flow = 'from-grid', unit = 'kWh', readingType = '' } = record;
  return deps.meterPoints.addSeries(
    { meterPointId: meterPoint.id, serial, kind: 'register', code, flow, unit, intervalMinutes, readingType },
    now,
  );
}

export function newRegister({
  registerId,
  meterSerial,
  flow = 'from-grid',
  unit = 'kWh',
  readingType = '',
}: NamedRegister): NewSeriesOfFile {
  return { serial: meterSerial, kind: 'register', code: registerId, flow, unit, intervalMinutes, readingType };
}

// A register has none; the column is to have something.
const intervalMinutes = 30;

type NamedRegister = Pick<RegisterReading, 'meterPoint' | 'meterSerial' | 'registerId' | 'flow' | 'unit'> &
  Partial<Pick<RegisterReading, 'readingType'>>;

/**
 * Keeps what a flow of technical details tells of a register; the register is made when no reading was there first. What contradicts
 * another file's of the same day and stamp is 'conflicting' and not kept, as `contradictedByMapping` finds.
 */
export function placeRegisterMapping(
  deps: PlaceDeps & Pick<ImportBooks, 'index'>,
  mapping: RegisterMapping,
  source: number,
  now: Instant,
  created: CreatedMeterPoints,
): 'new' | 'identical' | 'conflicting' {
  const series = placeRegister(deps, mapping, now, created);
  const { multiplierMicro, digits, versionAt, line, derivedAt } = mapping;
  const { zone } = deps.meterPoints.find(mapping.meterPoint) ?? deps;
  if (mapping.exchange) {
    const { at: fromAt, ...exchange } = mapping.exchange;
    // The new dial may count otherwise, from that moment on.
    const held = holdDerived(deps, series, fromAt, mapping, source);
    const counting = held ? nothingTold : { ...nothingTold, multiplierMicro, digits, isDerived: true };
    if (held && isExchangeTold(series.map, mapping.exchange)) return held;
    const told = { ...counting, exchange, fromDay: dayOf(fromAt, zone), fromAt, versionAt, source, line };
    const outcome = deps.meterPoints.addRegisterFacts(series, told, now);
    return held === 'conflicting' ? held : outcome;
  }
  const facts = factsOf(deps, mapping, source);
  const held = derivedAt !== undefined && holdDerived(deps, series, facts.fromAt, mapping, source);
  if (held) return held;
  if (derivedAt === undefined && factsContradicted(series.map, facts)) return 'conflicting';
  return deps.meterPoints.addRegisterFacts(series, facts, now);
}

/** What a mapping that nobody worked out would have told, and what another file told instead; undefined where nothing is contradicted. */
export function contradictedByMapping(
  deps: PlaceDeps,
  mapping: RegisterMapping,
  source: number,
): { facts: RegisterFacts; told: RegisterFacts } | undefined {
  if (mapping.derivedAt !== undefined || mapping.exchange) return undefined;
  const facts = factsOf(deps, mapping, source);
  const told = factsContradicted(findRegister(deps, mapping)?.map, facts);
  return told && { facts, told };
}

function factsOf(deps: PlaceDeps, mapping: RegisterMapping, source: number): RegisterFacts {
  const { multiplierMicro, digits, kind, quantity, configuration, timePattern, versionAt, line, derivedAt } = mapping;
  const { zone } = deps.meterPoints.find(mapping.meterPoint) ?? deps;
  const fromDay = derivedAt === undefined ? mapping.from : dayOf(derivedAt, zone);
  const told = { multiplierMicro, digits, kind, quantity, configuration, timePattern, versionAt, source, line };
  // On its own clock, as the readings of the same sender are: at home that day may begin after the reading it begins with.
  const fromAt = mapping.fromAt ?? startOfDay(fromDay, zone);
  return { ...told, fromDay, fromAt, exchange: undefined, isDerived: derivedAt !== undefined };
}

const nothingTold = {
  ...{ multiplierMicro: undefined, digits: undefined, kind: undefined },
  ...{ quantity: '', configuration: '', timePattern: '' },
};

function isExchangeTold(map: RegisterMap = [], { at, ...values }: NonNullable<RegisterMapping['exchange']>): boolean {
  const told = map.findLast(({ exchange, fromAt }) => exchange && fromAt === at)?.exchange;
  return told?.finalValue === values.finalValue && told.firstValue === values.firstValue;
}

/** undefined where it says something that nobody told, or that changes from this day on: what was told for other days stays. */
function holdDerived(
  { index }: Pick<ImportBooks, 'index'>,
  { id, map }: Series,
  at: Instant,
  mapping: RegisterMapping,
  source: number,
): 'identical' | 'conflicting' | undefined {
  const items = (['multiplierMicro', 'digits'] as const).filter(item => mapping[item] !== undefined);
  const known = items.map(item => ({ item, facts: factsThatTell(map, at, item) }));
  const others = known.flatMap(({ item, facts }) => (facts && facts[item] !== mapping[item] ? [facts] : []));
  if (others.length === 0) return known.every(({ facts }) => facts !== undefined) ? 'identical' : undefined;
  // Of a day before the first one told somebody may say otherwise: that what was told first held then is only taken to be so.
  const mayFollow = others.every(
    facts =>
      facts.fromAt !== at &&
      (facts.source === source ||
        (facts.fromAt > at && !countsFrom(index, id, source, at, facts.fromAt)) ||
        (facts.isDerived && !countsFrom(index, id, source, at))),
  );
  return mayFollow ? undefined : 'conflicting';
}

/** Whether others than `source` say what the register counted from an instant on: two readings of theirs stand there. */
function countsFrom(
  index: ImportBooks['index'],
  seriesId: number,
  source: number,
  from: Instant,
  to: number = Number.POSITIVE_INFINITY,
): boolean {
  let count = 0;
  for (
    let next = index.after(seriesId, instant(from - 1));
    next && next.at <= to;
    next = index.after(seriesId, next.at)
  ) {
    if (next.source !== source) count += 1;
    if (count === 2) return true;
  }
  return false;
}

function meterPointOf(
  { meterPoints, zone }: PlaceDeps,
  identifier: string,
  now: Instant,
  created: CreatedMeterPoints,
): MeterPoint {
  return meterPoints.find(identifier) ?? addMeterPoint({ meterPoints, zone }, identifier, now, created);
}

/** Makes one that nobody found. */
export function addMeterPoint(
  { meterPoints, zone }: PlaceDeps,
  identifier: string,
  now: Instant,
  created: CreatedMeterPoints,
): MeterPoint {
  created.push(identifier);
  return meterPoints.add({ identifier, address: '', zone, origin: 'import' }, now);
}

/** A series that a file speaks of, apart from its meter point. */
export type NewSeriesOfFile = Omit<NewSeries, 'meterPointId'>;

export function newChannel({ suffix, role, isEnergy, unit, lengthMinutes }: IntervalChannel): NewSeriesOfFile {
  const flow: Flow = isEnergy && (role === 'from-grid' || role === 'to-grid' || role === 'from-solar') ? role : 'none';
  return {
    serial: '',
    kind: 'channel' as const,
    code: suffix,
    flow,
    unit,
    intervalMinutes: lengthMinutes,
  };
}
