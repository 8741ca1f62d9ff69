import { Refusal } from '../kernel/errors.ts';
import type { Facts } from '../tariffs/facts.ts';
import { type MicroKwh, parseEnergy } from '../units/energy.ts';
import { parseRate, type Rate } from '../units/rate.ts';
import { type Instant, parseInstant, type Zone } from '../units/time.ts';
import type { CaseFacts } from './bill-case.ts';

export { peaksOf } from './billed-facts.ts';

/** The facts a bill case writes in decimals and clock times, as rating wants them. Throws 'bill-case-invalid'. */
export function caseFacts(facts: CaseFacts | undefined, zone: Zone): Partial<Facts> {
  // A case says all there is, so an earlier peak it does not name was never measured.
  if (!facts) return { peaks: [] };
  const { lossFactors = {}, quantities, peaks, energies, events, fees, concessions } = facts;
  return {
    lossFactors: mapped(lossFactors, rateOf),
    quantities: mapped(quantities, millionths),
    peaks: peaks.map(peak => ({ ...peak, quantity: millionths(peak.quantity) })),
    energies: energies.map(part => ({ ...part, energy: millionths(part.energy) })),
    events: events.map(({ name, periods }) => ({
      name,
      periods: periods.map(({ from, to }) => ({ from: momentOf(from, zone), to: momentOf(to, zone) })),
    })),
    fees,
    concessions,
  };
}

function mapped<T>(given: Record<string, string | undefined>, read: (text: string) => T): Record<string, T> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, text]) => (text === undefined ? [] : [[name, read(text)]])),
  );
}

function rateOf(text: string): Rate {
  const rate = parseRate(text);
  if (rate === undefined) throw new Refusal('bill-case-invalid', `"${text}" has more than eight decimals`);
  return rate;
}

function millionths(text: string): MicroKwh {
  const parsed = parseEnergy(text);
  if (!parsed.ok) throw new Refusal('bill-case-invalid', `"${text}" is no quantity`);
  return parsed.microKwh;
}

function momentOf(text: string, zone: Zone): Instant {
  const at = parseInstant(text, zone);
  if (at === undefined) throw new Refusal('bill-case-invalid', `"${text}" is no time`);
  return at;
}
