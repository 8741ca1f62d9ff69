import { dayOf, formatUtc, type Instant, instant, type Zone } from '../units/time.ts';
import { slotSeconds } from './build-demo.ts';
import { plazaSlot } from './load-shape.ts';
import { parties } from './plaza.ts';

/** Half-hours the meters send at most in one request when they catch up. */
const slotsPerPost = 48;

/** The readings that the plaza's meters post for the half-hours starting in [from, to). */
function simulatedReadings(from: Instant, to: Instant, zone: Zone) {
  const readings = [];
  for (let at = from; at + slotSeconds <= to; at = instant(at + slotSeconds)) {
    const slot = plazaSlot(at, dayOf(at, zone), zone);
    const start = formatUtc(at);
    for (const [party, { nmi: meterPoint }] of parties.entries()) {
      readings.push({ meterPoint, channel: 'E1', start, energy: slot.fromGrid[party]!, unit: 'Wh' });
      readings.push({ meterPoint, channel: 'SOLAR', start, energy: slot.fromSolar[party]!, unit: 'Wh' });
      if (party === 0) readings.push({ meterPoint, channel: 'B1', start, energy: slot.toGrid, unit: 'Wh' });
    }
  }
  return readings;
}

/**
 * Posts to the server like a meter fleet: what is missing since `from` at once, then each half-hour shortly after it ended, until
 * `signal` ends it. Through the same door as everybody, with an API key. Throws what the server said when it refuses.
 */
export async function runSimulatedMeters(
  { url, apiKey }: { url: string; apiKey: string },
  { from, zone }: { from: Instant; zone: Zone },
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<void> {
  let next = from;
  while (!signal.aborted) {
    const now = instant(Math.floor(Date.now() / 1000));
    const to = instant(Math.min(now - (now % slotSeconds), next + slotsPerPost * slotSeconds));
    if (to <= next) {
      await pause((slotSeconds - (now % slotSeconds) + 2) * 1000, signal);
      continue;
    }
    const body = JSON.stringify(simulatedReadings(next, to, zone));
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/v1/readings`, { method: 'POST', headers, body, signal });
    if (!answer.ok) throw new Error(`the server refused the simulated meters: ${answer.status} ${await answer.text()}`);
    tell(`simulated meters: ${formatUtc(next)} to ${formatUtc(to)} posted`);
    next = to;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
