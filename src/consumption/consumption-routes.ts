import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import type { MeterPoint } from '../accounts/meter-point.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { strictQuery } from '../http/schemas.ts';
import { periodInQuery } from '../http/time-in-query.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { asKnownAt, knownAtIn } from '../readings/known-at.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import { formatKwh, type MicroKwh, microKwh } from '../units/energy.ts';
import {
  formatLocal,
  type Instant,
  instant,
  instantOfMs,
  minuteOfDay,
  type Period,
  parseZone,
  secondsPerDay,
  secondsPerHour,
  type Zone,
} from '../units/time.ts';
import type { Consumption, SeriesEnergy } from './consumption.ts';
import { consumptionKnown } from './consumption-known.ts';
import { dialPeriod } from './dial-period.ts';
import { type GroupedEnergy, type Grouping, groupEnergy, groupings, totalOf } from './group-energy.ts';
import { findPeriod, isRunning, periodNames, periodOf } from './named-period.ts';
import { arithmeticOf, type DialReading } from './register-advance.ts';
import { apportionment } from './register-energy.ts';

export interface ConsumptionRouteDeps {
  meterPoints: MeterPointStore;
  consumption: Consumption;
  index: ReadingIndex;
  clock: Clock;
}

// As many groups as a page of readings: a year of half-hours and more. Ten years of days or months are a question, fifty are a mistake.
const groupsMax = 25_000;
const daysMax = 3660;
const halfHourMinutes = 30;

const kwh = z.string().nullable();
const counted = {
  start: z.string(),
  end: z.string(),
  energy: kwh.meta({ description: 'kWh; null when any interval is missing' }),
  knownEnergy: kwh.meta({ description: 'kWh of the intervals that have a value; null when none has' }),
  intervals: z.int(),
  missing: z.int(),
  qualities: z.record(z.string(), z.int()),
  estimatedShare: kwh.meta({ description: 'Part of knownEnergy that is estimated, "0" to "1"; null without energy' }),
};
const shownAdvancesMax = 100;
const dialValue = z.object({ at: z.string(), value: z.string(), quality: z.string() });
const dial = z
  .object({
    start: dialValue.nullable(),
    end: dialValue.nullable(),
    multiplier: z.string(),
    digits: z.int().nullable(),
    arithmetic: z.string().meta({ example: '(20 − 99990 + 100000) × 40' }),
    apportionment: z
      .string()
      .meta({ description: 'How the energy between two readings is spread over the time between' }),
    advances: z
      .array(z.object({ from: dialValue, to: dialValue, energy: z.string(), arithmetic: z.string() }))
      .nullable()
      .meta({ description: `What each two readings say; null when they are more than ${shownAdvancesMax}` }),
  })
  .nullable()
  .meta({ description: 'What a register showed and how its energy comes of it; null for channels' });
const answer = z
  .object({
    meterPoint: z.string(),
    zone: z.string(),
    group: z.enum(groupings),
    data: z.array(
      z.object({
        kind: z.string(),
        code: z.string(),
        flow: z.string(),
        intervalMinutes: z.number(),
        startValue: kwh,
        endValue: kwh,
        ...counted,
        dial,
        groups: z.array(z.object(counted)),
      }),
    ),
  })
  .meta({ id: 'Consumption' });

/** GET /v1/meter-points/:id/consumption. */
export function registerConsumptionRoutes(root: FastifyInstance, deps: ConsumptionRouteDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  app.get('/v1/meter-points/:id/consumption', {
    schema: {
      tags: ['readings'],
      summary: 'Energy over a period',
      description: `A named period (${periodNames.join(', ')}) or half-open [from, to), per register and channel, grouped by interval or by local hour, day or month. A register's boundary reading belongs to both periods that meet there. Energy is a decimal string in kWh; a gap is null, never 0. A named period is that of today, also with as_known_at.`,
      params: z.object({ id: z.string() }),
      querystring: strictQuery({
        from: z.string().optional().meta({ example: '2026-11-01T00:00:00' }),
        to: z.string().optional().meta({ example: '2026-12-01T00:00:00' }),
        period: z.string().optional().meta({ example: 'last_month' }),
        group: z.enum(groupings).default('day'),
        tz: z.string().optional().meta({ description: 'IANA zone of the groups; that of the meter point when absent' }),
        as_known_at: asKnownAt,
      }),
      response: { 200: answer },
    },
    // Made here to the letter: checking it against the schema again is a quarter of what is left to do.
    serializerCompiler: () => JSON.stringify,
    onRequest: guard.needsScope('readings:read'),
    handler: async ({ params, query }) => {
      const meterPoint = deps.meterPoints.get(params.id);
      const zone = zoneOf(query.tz, meterPoint);
      const asked = periodAsked(query, meterPoint, zone, instantOfMs(deps.clock.now()));
      const consumption = consumptionKnown(deps, knownAtIn(query.as_known_at, zone));
      const measured = consumption.energyOf(meterPoint.id, asked);
      const period = asked.isRunning ? untilOver(measured, asked, meterPoint.zone) : asked;
      const series = period.to === asked.to ? measured : consumption.energyOf(meterPoint.id, period);
      for (const each of series) assertFits(each, period, query.group, meterPoint.zone);
      return {
        meterPoint: meterPoint.identifier,
        zone,
        group: query.group,
        data: series.map(each => showSeries(each, period, query.group, zone)),
      };
    },
  });
}

function zoneOf(text: string | undefined, meterPoint: MeterPoint): Zone {
  const zone = text === undefined ? meterPoint.zone : parseZone(text);
  if (zone) return zone;
  const message = `"${text}" is not a zone such as Australia/Adelaide`;
  throw new Refusal('body-invalid', message, [{ pointer: 'tz', message }]);
}

interface Asked {
  from?: string | undefined;
  to?: string | undefined;
  period?: string | undefined;
}

/** The period, and whether it goes on: then it ends with the last half-hour that is over, for the one that runs is no gap. */
function periodAsked(
  { from, to, period: name }: Asked,
  meterPoint: MeterPoint,
  zone: Zone,
  now: Instant,
): Period & { isRunning: boolean } {
  if (name === undefined && from !== undefined && to !== undefined) {
    const period = periodInQuery({ from, to }, zone);
    if (period.to <= period.from) throw wrongPeriod('to', 'to must be after from');
    if (period.to - period.from > daysMax * secondsPerDay)
      throw wrongPeriod('to', `at most ${daysMax} days are shown at once`);
    return { ...period, isRunning: false };
  }
  if (name === undefined || from !== undefined || to !== undefined)
    throw wrongPeriod('period', 'give either period, or from and to');
  const known = findPeriod(name);
  if (!known) throw new Refusal('period-unknown', `"${name}" is none of ${periodNames.join(', ')}`);
  const period = periodOf(known, now, zone);
  return { ...endedWithin(period, halfHourMinutes, meterPoint.zone), isRunning: isRunning(known) };
}

/** The same for a meter point that measures by the hour. */
function untilOver(measured: readonly SeriesEnergy[], period: Period, zone: Zone): Period {
  const longest = Math.max(halfHourMinutes, ...measured.map(({ energy }) => energy.stepSeconds / 60));
  return endedWithin(period, longest, zone);
}

/** Ended with the last interval that was over then, counted from midnight. */
function endedWithin({ from, to }: Period, minutes: number, zone: Zone): Period {
  const begun = minuteOfDay(to, zone) % minutes;
  return { from, to: instant(Math.max(from, to - (to % 60) - begun * 60)) };
}

function assertFits({ series, energy }: SeriesEnergy, period: Period, group: Grouping, zone: Zone): void {
  const minutes = energy.stepSeconds / 60;
  for (const name of ['from', 'to'] as const) {
    const at = period[name];
    if (at % 60 !== 0 || minuteOfDay(at, zone) % minutes !== 0)
      throw wrongPeriod(
        name,
        `${series.kind} ${series.code} has intervals of ${minutes} minutes: ${name} lies inside one`,
      );
  }
  const groupSeconds = group === 'interval' ? energy.stepSeconds : group === 'hour' ? secondsPerHour : secondsPerDay;
  if ((period.to - period.from) / groupSeconds > groupsMax)
    throw wrongPeriod(
      'group',
      `this would be more than ${groupsMax} groups: ask for a shorter period or larger groups`,
    );
}

function wrongPeriod(pointer: string, message: string): Refusal {
  return new Refusal('period-invalid', message, [{ pointer, message }]);
}

function showSeries(measured: SeriesEnergy, period: Period, group: Grouping, zone: Zone) {
  const { series, energy, startReading, endReading } = measured;
  const { to } = period;
  return {
    kind: series.kind,
    code: series.code,
    flow: series.flow,
    intervalMinutes: energy.stepSeconds / 60,
    startValue: decimal(startReading?.value),
    endValue: decimal(endReading?.value),
    ...showGroup(totalOf(energy, to), zone),
    dial: showDial(measured, period, zone),
    groups: groupEnergy(energy, to, group, zone).map(each => showGroup(each, zone)),
  };
}

function showDial(measured: SeriesEnergy, period: Period, zone: Zone) {
  const shown = dialPeriod(measured, period);
  if (!shown) return null;
  const value = (reading: DialReading) => ({
    at: formatLocal(reading.at, zone),
    value: formatKwh(reading.value),
    quality: reading.quality,
  });
  const advances = measured.advances?.() ?? [];
  return {
    start: shown.start ? value(shown.start) : null,
    end: shown.end ? value(shown.end) : null,
    multiplier: formatKwh(microKwh(shown.multiplierMicro)),
    digits: shown.digits ?? null,
    arithmetic: shown.arithmetic,
    apportionment,
    advances:
      advances.length > shownAdvancesMax
        ? null
        : advances.map(advance => ({
            from: value(advance.from),
            to: value(advance.to),
            energy: formatKwh(advance.energy),
            arithmetic: arithmeticOf(advance),
          })),
  };
}

function showGroup(group: GroupedEnergy, zone: Zone) {
  return {
    start: formatLocal(group.from, zone),
    end: formatLocal(group.to, zone),
    energy: decimal(group.energy),
    knownEnergy: decimal(group.knownEnergy),
    intervals: group.intervals,
    missing: group.missing,
    qualities: group.qualities,
    estimatedShare: shareOf(group),
  };
}

function decimal(energy: MicroKwh | undefined): string | null {
  return energy === undefined ? null : formatKwh(energy);
}

/** To four decimals, rounded down: "1" only when all of it is estimated. */
function shareOf({ knownEnergy, estimatedEnergy }: GroupedEnergy): string | null {
  if (!knownEnergy) return null;
  const parts = (BigInt(estimatedEnergy) * 10_000n) / BigInt(knownEnergy);
  return parts === 10_000n ? '1' : parts === 0n && estimatedEnergy === 0 ? '0' : `0.${String(parts).padStart(4, '0')}`;
}
