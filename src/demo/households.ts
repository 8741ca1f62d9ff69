import {
  addDays,
  type Day,
  dayPeriod,
  daysBetween,
  type Instant,
  instant,
  minuteOfDay,
  weekdayOf,
  type Zone,
} from '../units/time.ts';
import { hash, noise, solarShare, type Weather, weatherOf } from './weather.ts';

/** An invented home with a meter; the same for the same number, for ever. */
export interface Household {
  /** "531-004-711" (P0-18). */
  identifier: string;
  seed: number;
  /** Average consumption. */
  wattHoursPerDay: number;
  /** Peak power of the roof, 0 without panels. */
  solarWatts: number;
  habit: Habit;
  /** What its registers showed when they began to count. */
  firstWattHours: number;
}

/** Relative load per hour, one digit each; how much of the consumption is heating and cooling. */
interface Habit {
  weekday: string;
  weekend: string;
  conditioning: number;
}

const habits: Habit[] = [
  // At work and school by day.
  { weekday: '333334764334445678998754', weekend: '433333345667777778998754', conditioning: 0.45 },
  // Somebody is always at home.
  { weekday: '433334666666677778998865', weekend: '433333456777777778998865', conditioning: 0.4 },
  // Late risers and late cooks.
  { weekday: '544333345555555567899987', weekend: '654433334556666777899988', conditioning: 0.3 },
  // Electric heating of water by night.
  { weekday: '776665654334445668887655', weekend: '776665545556666778887655', conditioning: 0.5 },
];

export interface SimulatedSlot {
  at: Instant;
  /** Whole watt-hours in the half-hour that begins at `at`. */
  fromGrid: number;
  toGrid: number;
}

/** When every register began to count: a run for any later days shows the same values again. */
const registersBegin = '2024-01-01' as Day;
const slotSeconds = 1800;
// Mean of `extreme` over a year, so that the weather moves consumption around its average.
const extremeMean = 0.64;
/** Part of a roof's yield that is used under it before the rest goes out, and the most of a home's need it covers. */
const selfUseOfYield = 0.4;
const selfUseOfNeed = 0.45;

export function household(number: number, solarPercent: number): Household {
  const seed = hash(`home ${number}`);
  const digits = String(number).padStart(6, '0');
  // Between 5 and 45 kWh a day, most of them in the lower half.
  const size = (noise(seed) + noise(seed + 1)) / 2;
  return {
    identifier: `531-${digits.slice(0, 3)}-${digits.slice(3)}`,
    seed,
    wattHoursPerDay: Math.round(5000 + 40_000 * size ** 2),
    solarWatts: noise(seed + 2) * 100 < solarPercent ? 2000 + Math.round(noise(seed + 3) * 6000) : 0,
    habit: habits[seed % habits.length]!,
    firstWattHours: 100_000 + Math.round(noise(seed + 4) * 400_000),
  };
}

/** What the two registers show when `day` begins. */
export function registersAt(home: Household, day: Day, zone: Zone): { fromGrid: number; toGrid: number } {
  let [fromGrid, toGrid] = [home.firstWattHours, 0];
  for (let each = 0, days = daysBetween(registersBegin, day); each < days; each++) {
    const energy = dayEnergy(home, addDays(registersBegin, each), zone);
    fromGrid += energy.fromGrid;
    toGrid += energy.toGrid;
  }
  return { fromGrid, toGrid };
}

/** Every half-hour of a local day: 46, 48 or 50 of them. They add up to the day's energy to the watt-hour. */
export function dayOfHome(home: Household, day: Day, zone: Zone): SimulatedSlot[] {
  const { from, to } = dayPeriod(day, zone);
  const weather = weatherOf(climateDay(day, zone));
  const slots = Array.from({ length: Math.floor((to - from) / slotSeconds) }, (_, at) => {
    const start = instant(from + at * slotSeconds);
    const hour = minuteOfDay(start, zone) / 60;
    return {
      at: start,
      load: load(home, day, hour, start),
      sun: solarShare(climateDay(day, zone), hour, weather, start),
    };
  });
  const energy = dayEnergy(home, day, zone);
  const loads = sum(slots.map(slot => slot.load));
  const sun = sum(slots.map(slot => slot.sun));
  // Under a roof with sun, little is taken from the grid and much is given.
  const shade = home.solarWatts === 0 || sun === 0 ? 0 : (0.7 * loads) / sun;
  const taken = slots.map(slot => Math.max(0.08 * slot.load, slot.load - shade * slot.sun));
  const given = slots.map(slot => slot.sun ** 1.5);
  const fromGrid = spread(energy.fromGrid, taken);
  const toGrid = spread(energy.toGrid, given);
  return slots.map(({ at }, slot) => ({ at, fromGrid: fromGrid[slot]!, toGrid: toGrid[slot]! }));
}

function dayEnergy(home: Household, day: Day, zone: Zone): { fromGrid: number; toGrid: number } {
  const climate = climateDay(day, zone);
  const weather = weatherOf(climate);
  const random = noise(hash(day) + home.seed);
  const conditioning = 1 + home.habit.conditioning * (weather.extreme - extremeMean);
  const need = Math.round(home.wattHoursPerDay * conditioning * (0.8 + 0.4 * random));
  const yielded = Math.round(home.solarWatts * sunHours(climate, weather));
  const selfUse = Math.round(Math.min(selfUseOfYield * yielded, selfUseOfNeed * need));
  return { fromGrid: need - selfUse, toGrid: yielded - selfUse };
}

const sunHoursByDay = new Map<Day, number>();

/** Hours of full power that a day is worth. */
function sunHours(climate: Day, weather: Weather): number {
  let hours = sunHoursByDay.get(climate);
  if (hours === undefined) {
    hours =
      sum(Array.from({ length: 48 }, (_, slot) => solarShare(climate, slot / 2, weather, instant(slot * 1800)))) / 2;
    sunHoursByDay.set(climate, hours);
  }
  return hours;
}

function load({ habit, seed }: Household, day: Day, hour: number, at: Instant): number {
  const levels = weekdayOf(day) > 5 ? habit.weekend : habit.weekday;
  const here = Number(levels[Math.floor(hour)]);
  const next = Number(levels[(Math.floor(hour) + 1) % 24]);
  // What is on stays on for a while, and now and then something large is switched on.
  const lasting = noise(Math.floor(at / 5400) + seed);
  const brief = noise(at / slotSeconds + seed * 3);
  const large = brief > 0.94 ? 1.1 : 0;
  return (here + (next - here) * (hour % 1)) * (0.4 + 0.7 * lasting + 0.4 * brief + large);
}

/** Shares of `total` by weight, whole, that add up to it. */
function spread(total: number, weights: number[]): number[] {
  const all = sum(weights);
  let [reached, given] = [0, 0];
  return weights.map(weight => {
    reached += weight;
    const upTo = all === 0 ? 0 : Math.round((total * reached) / all);
    const share = upTo - given;
    given = upTo;
    return share;
  });
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const southern =
  /^(Australia|Antarctica|Pacific\/(Auckland|Chatham|Fiji)|Africa\/Johannesburg|America\/(Argentina|Santiago|Sao_Paulo|Lima))/;

/** The seasons are told for the south; elsewhere they come half a year later. */
function climateDay(day: Day, zone: Zone): Day {
  return southern.test(zone) ? day : addDays(day, 182);
}
