import { type Day, type Instant, minuteOfDay, weekdayOf, type Zone } from '../units/time.ts';
import { type LoadShape, parties, solarPeakKilowatts } from './plaza.ts';
import { noise, solarShare, type Weather, weatherOf } from './weather.ts';

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

/** Energy of one half-hour, in whole watt-hours. */
export interface PlazaSlot {
  /** By party, in the order of `parties`. */
  fromGrid: number[];
  fromSolar: number[];
  /** What the roof made and nobody used. */
  toGrid: number;
}

/** The half-hour that begins at `at`, on the local day `day`: a pure function of the time, so history and simulation agree. */
export function plazaSlot(at: Instant, day: Day, zone: Zone): PlazaSlot {
  const hour = minuteOfDay(at, zone) / 60;
  const weather = weatherOf(day);
  const loads = parties.map((_, party) => loadWattHours(party, { at, day, hour, weather }));
  const demand = loads.reduce((sum, load) => sum + load, 0);
  const solar = Math.round(solarPeakKilowatts * solarShare(day, hour, weather, at) * (1000 / halfHoursPerHour));
  const share = Math.min(1, solar / demand);
  const fromSolar = loads.map(load => Math.floor(load * share));
  return {
    fromSolar,
    fromGrid: loads.map((load, party) => load - fromSolar[party]!),
    toGrid: Math.max(0, solar - demand),
  };
}

interface Moment {
  at: Instant;
  day: Day;
  /** Since local midnight, with the half of it. */
  hour: number;
  weather: Weather;
}

function loadWattHours(party: number, { at, day, hour, weather }: Moment): number {
  const { shape, kilowatts } = parties[party]!;
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
