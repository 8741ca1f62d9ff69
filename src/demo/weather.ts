import { addDays, type Day, type Instant } from '../units/time.ts';

export interface Weather {
  /** 0 overcast to 1 clear. */
  sky: number;
  /** 0 mild to 1 very hot or very cold. */
  extreme: number;
}

const weatherByDay = new Map<Day, Weather>();

export function weatherOf(day: Day): Weather {
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
export function seasonOf(day: Day): number {
  const dayOfYear = (Number(day.slice(5, 7)) - 1) * 30.4 + Number(day.slice(8, 10));
  return Math.cos(((dayOfYear - 10) / 365) * 2 * Math.PI);
}

/** What a panel gives of its peak: the height of the sun, and clouds that pass. */
export function solarShare(day: Day, hour: number, { sky }: Weather, at: Instant): number {
  const season = seasonOf(day);
  const dayLength = 12 + 2.3 * season;
  const noon = 12.5 + (season > 0.2 ? 1 : 0);
  const phase = (hour + 0.25 - noon) / dayLength;
  if (Math.abs(phase) >= 0.5) return 0;
  const clouds = sky * (0.85 + 0.15 * noise(at / 1800));
  return (0.72 + 0.2 * season) * Math.cos(phase * Math.PI) ** 1.3 * clouds;
}

/** 0 to 1, the same for the same seed, unlike its neighbours'. */
export function noise(seed: number): number {
  let x = (Math.trunc(seed) ^ 0x9e3779b9) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
  return ((x ^ (x >>> 16)) >>> 0) / 4_294_967_296;
}

/** A seed made of text. */
export function hash(text: string): number {
  let value = 0;
  for (let at = 0; at < text.length; at++) value = (Math.imul(value, 31) + text.charCodeAt(at)) >>> 0;
  return value;
}
