import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { formatKwh, microKwh } from '../units/energy.ts';
import { addDays, type Day, type Instant, instant, startOfDay, type Zone } from '../units/time.ts';
import { dayOfHome, type Household, household, registersAt } from './households.ts';

export interface Simulation {
  url: string;
  key: string;
  meters: number;
  /** Readings a second, at most. */
  rate: number;
  firstDay: Day;
  days: number;
  solarPercent: number;
  zone: Zone;
  /** Told after each request, with what is done and what there is to do. */
  progress: (done: number, total: number) => void;
}

export interface SimulationCounts {
  accepted: number;
  duplicate: number;
  conflict: number;
  rejected: number;
  /** What the server said of the first one that did not enter. */
  why?: string;
}

const itemsMax = 1000;
const registrationsAtOnce = 16;
const batchesAtOnce = 2;
const tries = 10;
const slotSeconds = 1800;

/** The server said no to something a meter would not get over either. */
export class SimulationRefused extends Error {
  override name = 'SimulationRefused';
}

/**
 * Registers invented homes and posts their register values half-hour after half-hour, all homes at a time, through the same door as any
 * meter. The same homes and days give the same values again, so that a second run meets only duplicates.
 */
export async function simulate(simulation: Simulation): Promise<SimulationCounts> {
  const { meters, days, firstDay, zone, solarPercent } = simulation;
  const homes = Array.from({ length: meters }, (_, number) => household(number, solarPercent));
  await inParallel(registrationsAtOnce, homes.values(), home => register(simulation, home));
  const counts: SimulationCounts = { accepted: 0, duplicate: 0, conflict: 0, rejected: 0 };
  const registers = homes.map(home => registersAt(home, firstDay, zone));
  // Estimated by days of 48 half-hours; progress may end a little before or after it.
  const total = homes.reduce((sum, { solarWatts }) => sum + (solarWatts > 0 ? 2 : 1), 0) * days * 48;
  const begunAt = performance.now();
  let sent = 0;
  await inParallel(1, cut(openingReadings(homes, registers, startOfDay(firstDay, zone))), send);
  for (let at = 0; at < days; at++) {
    await inParallel(batchesAtOnce, cut(readingsOfDay(homes, registers, addDays(firstDay, at), zone)), send);
  }
  return counts;

  async function send(batch: PostedReading[]): Promise<void> {
    sent += batch.length;
    await sleep(Math.max(0, (sent / simulation.rate) * 1000 - (performance.now() - begunAt)));
    const answer = await post(simulation, '/v1/readings', batch);
    const verdicts = answerSchema.parse(await answer.json());
    for (const verdict of verdictNames) counts[verdict] += verdicts[verdict];
    const said = verdicts.items.find(({ verdict }) => verdict === 'rejected' || verdict === 'conflict')?.message;
    if (said !== undefined) counts.why ??= said;
    simulation.progress(Math.min(sent, total), total);
  }
}

const verdictNames = ['accepted', 'duplicate', 'conflict', 'rejected'] as const;
const answerSchema = z.object({
  ...{ accepted: z.int(), duplicate: z.int(), conflict: z.int(), rejected: z.int() },
  items: z.array(z.object({ verdict: z.string(), message: z.string().optional() })),
});

async function register(simulation: Simulation, { identifier, solarWatts }: Household): Promise<void> {
  const series = [
    { kind: 'register', code: '1', flow: 'from-grid' },
    ...(solarWatts > 0 ? [{ kind: 'register', code: '2', flow: 'to-grid' }] : []),
  ];
  // 409: it was registered by an earlier run.
  await post(simulation, '/v1/meter-points', { identifier, zone: simulation.zone, series }, 409);
}

interface PostedReading {
  meterPoint: string;
  register: string;
  at: number;
  value: string;
}

interface Registers {
  fromGrid: number;
  toGrid: number;
}

/** What the registers show before the first half-hour. */
function* openingReadings(homes: Household[], registers: Registers[], at: Instant): Generator<PostedReading> {
  for (const [number, home] of homes.entries()) yield* readings(home, at, registers[number]!);
}

/** What the registers show at the end of each half-hour of a day, which moves them on. */
function* readingsOfDay(homes: Household[], registers: Registers[], day: Day, zone: Zone): Generator<PostedReading> {
  const slots = homes.map(home => dayOfHome(home, day, zone));
  for (let slot = 0; slot < slots[0]!.length; slot++) {
    for (const [number, home] of homes.entries()) {
      const { at, fromGrid, toGrid } = slots[number]![slot]!;
      const shown = registers[number]!;
      shown.fromGrid += fromGrid;
      shown.toGrid += toGrid;
      yield* readings(home, instant(at + slotSeconds), shown);
    }
  }
}

function* readings(home: Household, at: Instant, { fromGrid, toGrid }: Registers): Generator<PostedReading> {
  yield reading(home, '1', at, fromGrid);
  if (home.solarWatts > 0) yield reading(home, '2', at, toGrid);
}

function* cut(all: Iterable<PostedReading>): Generator<PostedReading[]> {
  let batch: PostedReading[] = [];
  for (const each of all) {
    batch.push(each);
    if (batch.length < itemsMax) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function reading({ identifier }: Household, register: string, at: Instant, wattHours: number): PostedReading {
  return { meterPoint: identifier, register, at, value: formatKwh(microKwh(wattHours * 1000)) };
}

/** Posts as a patient meter does: a server that is starting or takes nothing in is asked again after the time it names. */
async function post({ url, key }: Simulation, path: string, body: object, alsoFine = 200): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (answer.ok || answer.status === alsoFine) return answer;
    const text = await answer.text();
    if ((answer.status !== 503 && answer.status !== 429) || attempt === tries)
      throw new SimulationRefused(`${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    await sleep(Number(answer.headers.get('retry-after') ?? 1) * 1000);
  }
}

/** Works through `items` with `count` at a time, in their order. */
async function inParallel<T>(count: number, items: Iterator<T>, act: (item: T) => Promise<void>): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      for (let next = items.next(); !next.done; next = items.next()) await act(next.value);
    }),
  );
}
