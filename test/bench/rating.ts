import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone.js';
import utc from 'dayjs/plugin/utc.js';
import { readPlan } from '../../src/tariffs/plan.ts';
import { rate } from '../../src/tariffs/rate.ts';
import type { RateRequest } from '../../src/tariffs/rate-request.ts';
import { secondOpinion } from '../../src/tariffs/second-opinion.ts';
import { planSegments } from '../../src/tariffs/segments.ts';
import { type Day, instant, startOfDay, type Zone } from '../../src/units/time.ts';
import { benchPlan } from './bench-plan.ts';
import { median } from './table.ts';

dayjs.extend(utc);
dayjs.extend(timezone);

/** Meter-months of 1,488 half-hours, time of use and demand, rated per second of one core. */
export interface RatingResult {
  compiled: number;
  secondOpinion: number;
  objectsAndDates: number;
}

const zone = 'Australia/Adelaide' as Zone;
const [from, to] = ['2026-05-01' as Day, '2026-06-01' as Day];
const slots = 1488;

const plan = readPlan(benchPlan);

/** A month of one meter; every meter uses something else. */
function requestOf(meter: number): RateRequest {
  const energy = Float64Array.from({ length: slots }, (_, slot) => ((slot * 7919 + meter) * 104_729) % 2_000_003);
  const series = { from: startOfDay(from, zone), stepSeconds: 1800, energy, quality: new Uint8Array(slots) };
  return {
    segments: planSegments([{ id: 1, version: 1, sha256: '', createdAt: 0, plan }], from, to),
    zone,
    registers: new Map([['IMPORT', series]]),
    holidayCalendars: [],
  };
}

/** The same money as most programs make it: an object and a zoned date for each interval, asked which rate it is. */
function ratedByObjects({ registers }: RateRequest): number {
  const series = registers.get('IMPORT')!;
  const intervals = Array.from(series.energy, (energy, slot) => {
    const at = dayjs.unix(instant(series.from + slot * series.stepSeconds)).tz(zone);
    return { hour: at.hour(), weekday: at.day() % 6 !== 0, kwh: energy / 1e6 };
  });
  const use = { PEAK: 0, SHOULDER: 0, OFF_PEAK: 0 };
  let kw = 0;
  for (const { hour, weekday, kwh } of intervals) {
    const isShoulder = weekday && hour >= 7 && hour < 17;
    use[hour >= 17 && hour < 21 ? 'PEAK' : isShoulder ? 'SHOULDER' : 'OFF_PEAK'] += kwh;
    if (weekday && hour >= 15 && hour < 21) kw = Math.max(kw, kwh * 2);
  }
  const net = use.PEAK * 0.4 + use.SHOULDER * 0.295 + use.OFF_PEAK * 0.21 + kw * 9.5 + 31 * 1.55;
  return Math.round(net * 100);
}

/** The median of five rounds: a noisy neighbour disturbs one of them, or two. */
function perSecond(count: number, act: (request: RateRequest) => unknown): number {
  const requests = Array.from({ length: count }, (_, meter) => requestOf(meter));
  act(requests[0]!);
  const rounds = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    for (const request of requests) act(request);
    return (count / (performance.now() - begun)) * 1000;
  });
  return median(rounds);
}

/** All three must come to the same money, or they were not given the same work. */
function mustAgree(request: RateRequest): void {
  const bill = rate(request);
  const lines = bill.lines.reduce((sum, { amount }) => sum + amount, 0n);
  // Binary fractions rounded once differ by a cent or two from lines that are rounded each.
  const apart = Math.abs(ratedByObjects(request) - Number(lines));
  if (secondOpinion(request, bill).length > 0 || apart > 3) throw new Error(`the raters are ${apart} cents apart`);
}

if (import.meta.main) {
  mustAgree(requestOf(1));
  const bills = new Map<RateRequest, ReturnType<typeof rate>>();
  const result: RatingResult = {
    compiled: perSecond(2000, rate),
    secondOpinion: perSecond(300, request => {
      const bill = bills.get(request) ?? rate(request);
      bills.set(request, bill);
      return secondOpinion(request, bill);
    }),
    objectsAndDates: perSecond(10, ratedByObjects),
  };
  process.stdout.write(JSON.stringify(result));
}
