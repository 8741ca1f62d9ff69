import { addDays, type Day, type Instant, minuteOfDay, weekdayOf, type Zone } from '../units/time.ts';
import { type LoadShape, parties, solarPeakKilowatts } from './plaza.ts';

/** Relative load per hour of a weekday; [opens on Saturday, opens on Sunday] scale the hours above the night level. */
const shapes: Record<LoadShape, { hours: string; saturday: number; sunday: number; cooling: number }> = {
  // One digit per hour, 0 to 9.
  landlord: { hours: '333333456777777777765433', saturday: 1, sunday: 0.9, cooling: 0.5 },
  bakery: { hours: '278999998766544333322222', saturday: 1.1, sunday: 0.8, cooling: 0.1 },
  cafe: { hours: '111113789987788654211111', saturday: 1.1, sunday: 0.9, cooling: 0.2 },
  grocer: { hours: '555555678888888888876655', saturday: 1.05, sunday: 1, cooling: 0.3 },
  office: { hours: '111111258888788885221111', saturday: 0.2, sunday: 0, cooling: 0.5 },
  gym: { hours: '222238876544445678987433', saturday: 0.8, sunday: 0.7, cooling: 0.3 },
  shop: { hours: '111111136888888888621111', saturday: 1, sunday: 0.8, cooling: 0.5 },
  restaurant: { hours: '222222223468875457999864', saturday: 1.2, sunday: 1, cooling: 0.3 },
};

const halfHoursPerHour = 2;

/** Energy in whole watt-hours of each party and flow in one half-hour; a pure function of the time, so history and simulation agree. */
export interface PlazaSlot {
  /** By party, in the order of `parties`. */
  fromGrid: number[];
  fromSolar: number[];
  /** What the roof made and nobody used. */
  toGrid: number;
}

export function plazaSlot(at: Instant, day: Day, zone: Zone): PlazaSlot {
  const hour = minuteOfDay(at, zone) / 60;
  const weather = weatherOf(day);
  const loads = parties.map(({ shape, kilowatts }, party) =>
    loadWattHours(shape, kilowatts, party, at, day, hour, weather),
  );
  const demand = loads.reduce((sum, load) => sum + load, 0);
  const solar = Math.round(solarKilowatts(day, hour, weather, at) * (1000 / halfHoursPerHour));
  const share = Math.min(1, solar / demand);
  const fromSolar = loads.map(load => Math.floor(load * share));
  return {
    fromSolar,
    fromGrid: loads.map((load, party) => load - fromSolar[party]!),
    toGrid: Math.max(0, solar - demand),
  };
}

interface Weather {
  /** 0 overcast to 1 clear. */
  sky: number;
  /** 0 mild to 1 very hot or very cold. */
  extreme: number;
}

const weatherByDay = new Map<Day, Weather>();

function weatherOf(day: Day): Weather {
  let weather = weatherByDay.get(day);
  if (!weather) {
    // Yesterday's weather lingers.
    const sky = 0.6 * noise(hash(day)) + 0.4 * noise(hash(addDays(day, -1)));
    weather = { sky: 0.25 + 0.75 * sky, extreme: Math.abs(seasonOf(day)) * (0.6 + 0.8 * noise(hash(`${day}t`))) };
    weatherByDay.set(day, weather);
  }
  return weather;
}

/** 1 at the southern midsummer, -1 at midwinter. */
function seasonOf(day: Day): number {
  const dayOfYear = (Number(day.slice(5, 7)) - 1) * 30.4 + Number(day.slice(8, 10));
  return Math.cos(((dayOfYear - 10) / 365) * 2 * Math.PI);
}

function loadWattHours(
  shape: LoadShape,
  kilowatts: number,
  party: number,
  at: Instant,
  day: Day,
  hour: number,
  weather: Weather,
): number {
  const { hours, saturday, sunday, cooling } = shapes[shape];
  const levels = [...hours].map(Number);
  const average = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  const night = Math.min(...levels);
  const here = levels[Math.floor(hour)]!;
  const next = levels[(Math.floor(hour) + 1) % 24]!;
  const level = here + (next - here) * (hour % 1);
  const weekday = weekdayOf(day);
  const open = weekday === 6 ? saturday : weekday === 7 ? sunday : 1;
  const relative = (night + (level - night) * open) / average;
  const wobble = 0.85 + 0.3 * noise(at / 1800 + party * 7919);
  const conditioning = 1 + cooling * weather.extreme * (hour > 9 && hour < 20 ? 1 : 0.2);
  return Math.round((kilowatts * relative * wobble * conditioning * 1000) / halfHoursPerHour);
}

function solarKilowatts(day: Day, hour: number, { sky }: Weather, at: Instant): number {
  const season = seasonOf(day);
  const dayLength = 12 + 2.3 * season;
  const noon = 12.5 + (season > 0.2 ? 1 : 0);
  const phase = (hour + 0.25 - noon) / dayLength;
  if (Math.abs(phase) >= 0.5) return 0;
  const clouds = sky * (0.85 + 0.15 * noise(at / 1800));
  return solarPeakKilowatts * (0.72 + 0.2 * season) * Math.cos(phase * Math.PI) ** 1.3 * clouds;
}

/** 0 to 1, the same for the same seed, unlike its neighbours'. */
function noise(seed: number): number {
  let x = (Math.trunc(seed) ^ 0x9e3779b9) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
  return ((x ^ (x >>> 16)) >>> 0) / 4_294_967_296;
}

function hash(text: string): number {
  let value = 0;
  for (let at = 0; at < text.length; at++) value = (Math.imul(value, 31) + text.charCodeAt(at)) >>> 0;
  return value;
}
