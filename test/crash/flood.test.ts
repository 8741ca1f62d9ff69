import { describe, expect, it } from 'vitest';
import { dice } from '../month.ts';
import { createKey, startServer, temporaryHome } from '../server.ts';
import { campaign } from './campaign.ts';
import { ready } from './load.ts';

const meters = 20;
const copies = 10;
const batchSize = 10_000;
const slotSeconds = 1800;
const begin = Date.parse('2015-01-01T00:00:00Z') / 1000;

interface Delivery {
  meter: number;
  slot: number;
  /** Watt-hours. */
  energy: number;
}

interface Model {
  /** By meter and slot: whoever came first is current. */
  current: Map<string, number>;
  /** Other values for the same instant, each kept once. */
  beside: Map<string, Set<number>>;
}

/** R8 of the safety notes: one delivery of each in order is what a Map would hold, and so is this. */
describe('a flood of readings, ten times each, out of order, one in a hundred with another value', () => {
  it('leaves what a plain map holds', async () => {
    const home = temporaryHome();
    const key = await createKey(home);
    const server = await startServer(home, { FLUSH_SECONDS: '1', DISK_FREE_MIN_MB: '0' });
    await ready(server);
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const post = async (path: string, body: object) => {
      const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(answer.status).toBeLessThan(300);
      return (await answer.json()) as Record<string, number>;
    };
    for (let meter = 0; meter < meters; meter++) await post('/v1/meter-points', { identifier: nameOf(meter) });

    const deliveries = flood(campaign.floodReadings, dice(20_260_101));
    const model: Model = { current: new Map(), beside: new Map() };
    const counts = { accepted: 0, duplicate: 0, conflict: 0, quarantined: 0, rejected: 0 };
    const answered = { accepted: 0, duplicate: 0, conflict: 0, quarantined: 0, rejected: 0 };
    for (let at = 0; at < deliveries.length; at += batchSize) {
      const batch = deliveries.slice(at, at + batchSize);
      for (const delivery of batch) counts[take(model, delivery)] += 1;
      const answer = await post(
        '/v1/readings',
        batch.map(({ meter, slot, energy }) => ({
          meterPoint: nameOf(meter),
          start: begin + slot * slotSeconds,
          energy: `${energy / 1000}`,
        })),
      );
      for (const name of Object.keys(answered) as (keyof typeof answered)[]) answered[name] += answer[name]!;
    }
    expect(answered).toEqual(counts);
    expect(counts.conflict).toBeGreaterThan(0);
    for (let meter = 0; meter < meters; meter++)
      expect(await listed(server.url, headers, meter)).toEqual(held(model, meter));
    expect(await server.stop()).toBe(0);
    const again = await startServer(home, { DISK_FREE_MIN_MB: '0' });
    await ready(again);
    for (let meter = 0; meter < meters; meter++)
      expect(await listed(again.url, headers, meter)).toEqual(held(model, meter));
  }, 3_600_000);
});

function nameOf(meter: number): string {
  return `flood-${meter}`;
}

function flood(size: number, random: () => number): Delivery[] {
  const deliveries: Delivery[] = [];
  const slots = size / copies / meters;
  for (let meter = 0; meter < meters; meter++) {
    for (let slot = 0; slot < slots; slot++) {
      const energy = Math.floor(random() * 5000);
      for (let copy = 0; copy < copies; copy++) {
        deliveries.push({ meter, slot, energy: random() < 0.01 ? energy + 1 + copy : energy });
      }
    }
  }
  for (let at = deliveries.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [deliveries[at], deliveries[other]] = [deliveries[other]!, deliveries[at]!];
  }
  return deliveries;
}

function take({ current, beside }: Model, { meter, slot, energy }: Delivery): 'accepted' | 'duplicate' | 'conflict' {
  const place = `${meter} ${slot}`;
  const first = current.get(place);
  if (first === undefined) {
    current.set(place, energy);
    return 'accepted';
  }
  if (first === energy) return 'duplicate';
  beside.set(place, (beside.get(place) ?? new Set()).add(energy));
  return 'conflict';
}

/** What the model holds of a meter: instant → current value, then the values beside it, ascending. */
function held({ current, beside }: Model, meter: number): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (let slot = 0; ; slot++) {
    const place = `${meter} ${slot}`;
    const value = current.get(place);
    if (value === undefined) return found;
    found.set(begin + slot * slotSeconds, [value, ...ascending(beside.get(place) ?? [])]);
  }
}

interface Listed {
  start: string;
  energy: string;
  versions?: { energy: string }[];
}

async function listed(url: string, headers: Record<string, string>, meter: number): Promise<Map<number, number[]>> {
  const found = new Map<number, number[]>();
  let next: string | undefined = `/v1/meter-points/${nameOf(meter)}/readings?limit=25000`;
  while (next) {
    const answer: Response = await fetch(`${url}${next}`, { headers });
    for (const { start, energy, versions } of ((await answer.json()) as { data: Listed[] }).data) {
      const beside = ascending((versions ?? []).map(version => wattHours(version.energy)));
      found.set(Date.parse(start) / 1000, [wattHours(energy), ...beside]);
    }
    next = /<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return found;
}

function wattHours(kwh: string): number {
  return Math.round(Number(kwh) * 1000);
}

function ascending(values: Iterable<number>): number[] {
  return [...values].sort((a, b) => a - b);
}
