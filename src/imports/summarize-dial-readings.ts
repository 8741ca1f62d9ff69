import { MetIds } from '../accounts/meter-word-store.ts';
import { Slices } from '../kernel/slices.ts';
import type { DialReadingFilter, DialReadingSummary } from './dial-reading.ts';
import type { DialReadingPart, DialReadingStore } from './dial-reading-store.ts';

// Three milliseconds.
const rowsAtOnce = 20_000;
// Rows found through an index are this much dearer than rows looked at one after the other.
const lookUpCost = 4;

/** How many dial values fit, of how many meters and meter points, from when to when. In slices. */
export async function summarizeDialReadings(
  dialReadings: DialReadingStore,
  filter: DialReadingFilter,
): Promise<DialReadingSummary> {
  const slices = new Slices();
  const { lastId } = dialReadings;
  const isMost = dialReadings.count(filter) * lookUpCost > lastId;
  const met = new MetIds();
  const total: DialReadingSummary = {
    readings: 0,
    meters: 0,
    meterPoints: 0,
    earliest: null,
    latest: null,
    qualities: [],
  };
  if (!isMost) add(total, dialReadings.summarize(filter), met);
  for (let after = 0; isMost && after < lastId; after += rowsAtOnce) {
    await slices.pause();
    add(total, dialReadings.summarize(filter, { after, upTo: after + rowsAtOnce }), met);
  }
  await slices.pause();
  await dialReadings.words.load();
  return { ...total, ...dialReadings.words.countMet(met) };
}

function add(total: DialReadingSummary, { meterIds, qualities, earliest, latest }: DialReadingPart, met: MetIds): void {
  for (const id of meterIds) met.add(id);
  total.readings += meterIds.length;
  if (earliest !== null && (total.earliest === null || earliest < total.earliest)) total.earliest = earliest;
  if (latest !== null && (total.latest === null || latest > total.latest)) total.latest = latest;
  for (const { quality, count } of qualities) {
    const known = total.qualities.find(each => each.quality === quality);
    if (known) known.count += count;
    else if (count > 0) total.qualities.push({ quality, count });
  }
  total.qualities.sort((a, b) => (a.quality < b.quality ? -1 : 1));
}
