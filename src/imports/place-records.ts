import type { Flow, MeterPoint, Series } from '../accounts/meter-point.ts';
import { qualities, type Reading } from '../readings/reading.ts';
import { microKwh } from '../units/energy.ts';
import { type Instant, instant, type Zone } from '../units/time.ts';
import type { IntervalChannel, IntervalRun, RegisterReading } from './format.ts';
import type { ImportBooks } from './import-books.ts';

interface PlaceDeps {
  meterPoints: ImportBooks['meterPoints'];
  zone: Zone;
}

/** The series a day of intervals belongs to, and its readings. Meter points and channels met for the first time are made. */
export function placeRun(
  deps: PlaceDeps,
  { channel, startsAt, energies, qualities: codes, versionAt, line, lineStep = 0 }: IntervalRun,
  source: number,
  now: Instant,
  created: string[],
): { series: Series; readings: Reading[] } {
  const meterPoint = meterPointOf(deps, channel.meterPoint, now, created);
  const series =
    deps.meterPoints.findSeries(meterPoint.id, 'channel', channel.suffix) ??
    deps.meterPoints.addSeries(channelOf(meterPoint, channel), now);
  const readings = Array.from(energies, (energy, slot) => ({
    at: instant(startsAt + slot * channel.lengthMinutes * 60),
    value: microKwh(energy),
    minutes: channel.lengthMinutes,
    quality: qualities[codes[slot]!]!,
    source,
    line: line + slot * lineStep,
    versionAt,
  }));
  return { series, readings };
}

export function placeRegister(
  deps: PlaceDeps,
  record: RegisterReading,
  source: number,
  now: Instant,
  created: string[],
): { series: Series; reading: Reading } {
  const meterPoint = meterPointOf(deps, record.meterPoint, now, created);
  const { at, value, quality, line, versionAt } = record;
  return {
    series: registerOf(deps.meterPoints, meterPoint, record, now),
    reading: { at, value, minutes: 0, quality, source, line, versionAt },
  };
}

function meterPointOf(
  { meterPoints, zone }: PlaceDeps,
  identifier: string,
  now: Instant,
  created: string[],
): MeterPoint {
  const known = meterPoints.find(identifier);
  if (known) return known;
  created.push(identifier);
  return meterPoints.add({ identifier, address: '', zone, origin: 'import' }, now);
}

function channelOf(meterPoint: MeterPoint, { suffix, role, isEnergy, unit, lengthMinutes }: IntervalChannel) {
  const flow: Flow = isEnergy && (role === 'from-grid' || role === 'to-grid' || role === 'from-solar') ? role : 'none';
  return {
    meterPointId: meterPoint.id,
    serial: '',
    kind: 'channel' as const,
    code: suffix,
    flow,
    unit,
    intervalMinutes: lengthMinutes,
  };
}

/** The same meter may be written with and without blanks (D10-16): its key has none. */
function registerOf(
  meterPoints: ImportBooks['meterPoints'],
  meterPoint: MeterPoint,
  { registerId, meterSerial, meterKey, flow = 'from-grid' }: RegisterReading,
  now: Instant,
): Series {
  const known = meterPoints
    .listSeries(meterPoint.id)
    .find(
      ({ kind, code, serial }) => kind === 'register' && code === registerId && serial.replaceAll(' ', '') === meterKey,
    );
  if (known) return known;
  return meterPoints.addSeries(
    {
      meterPointId: meterPoint.id,
      serial: meterSerial,
      kind: 'register',
      code: registerId,
      flow,
      unit: 'kWh',
      intervalMinutes: 30,
    },
    now,
  );
}
