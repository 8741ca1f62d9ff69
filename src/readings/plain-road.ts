import type { Series } from '../accounts/meter-point.ts';
import { microKwh } from '../units/energy.ts';
import { type Instant, instant, secondsPerDay, type Zone } from '../units/time.ts';
import { decideRun } from './decide.ts';
import type { Wave } from './journal-record.ts';
import { clockSkewMaxSeconds } from './judge.ts';
import type { PlainPlace } from './plain-placement.ts';
import { type BatchItem, duplicate, isOnGrid, type Notable, type PostDeps } from './post-readings.ts';
import { type Batch, careful } from './posted-batch.ts';
import { type ReadingName, ReadingNames } from './reading-names.ts';
import { RecordBytes } from './record-bytes.ts';
import { resolveSeries } from './resolve-series.ts';
import { floorMicroKwh } from './usual-energy.ts';
import { writeWave } from './write-records.ts';

/** Where a name leads. */
interface Place extends PlainPlace {
  series: Series;
  zone: Zone;
  /** The meter points' count of changes when it was found. */
  asOf: number;
}

// Fewer are as quick one by one.
const runMin = 4;
// A line of the journal that recovery reads in well under a millisecond.
const waveMax = 1000;

/**
 * The road of readings that meters send: of a register or channel that is known, each where nothing stands yet, and nothing unusual
 * about it. No object and no text is made of them; one line of the journal holds what many meters sent for one instant, or one channel for
 * many. It takes only what `decide` would accept without a note or call a duplicate, and leaves the rest to it.
 */
export class PlainRoad {
  readonly names: ReadingNames;
  readonly #deps: PostDeps;
  /** By number of the name. */
  readonly #places: (Place | undefined)[] = [];

  constructor(deps: PostDeps) {
    this.#deps = deps;
    this.names = new ReadingNames(name => this.#seriesOf(name) !== undefined);
  }

  /** The readings of `batch`, to be judged in this tick. */
  begin(batch: Batch, source: number, now: number): PlainTrip {
    return new PlainTrip(this.#deps, name => this.#placeOf(name), { batch, source, now });
  }

  /** Remembers the name of a reading that was kept, so that the next one of it is known by its bytes. */
  learn(item: BatchItem): void {
    if ('kind' in item) this.names.add(item);
  }

  #placeOf(name: number): Place | undefined {
    const known = this.#places[name];
    const { meterPoints, index } = this.#deps;
    if (known?.asOf === meterPoints.changes) return known;
    const found = this.#seriesOf(this.names.get(name));
    // A register of which something was told may have other dials, an exchange or a rollover.
    if (!found || found.series.map) return undefined;
    const { series, zone } = found;
    const minutes = series.kind === 'channel' ? series.intervalMinutes : 0;
    // Readings of a fleet meet places that are in nobody's cache: what each of them needs stands in one object.
    const place = {
      seriesId: series.id,
      series,
      minutes,
      zone,
      asOf: meterPoints.changes,
      tail: index.plain.tailOf(series.id),
    };
    this.#places[name] = place;
    return place;
  }

  #seriesOf({ meterPoint: identifier, kind, code }: ReadingName): { series: Series; zone: Zone } | undefined {
    const { meterPoints } = this.#deps;
    const meterPoint = meterPoints.find(identifier);
    const series = meterPoint && resolveSeries(meterPoints, meterPoint, kind, code);
    return meterPoint && series && 'id' in series ? { series, zone: meterPoint.zone } : undefined;
  }
}

// One for all trips, because a trip is over within a tick.
const waveSeries = new Uint32Array(waveMax);
const waveValues = new Float64Array(waveMax);
const record = new RecordBytes();

/** One batch on the plain road. What was taken is in the index at once and in the journal after `write`, which has to come in the same tick. */
class PlainTrip {
  readonly #deps: PostDeps;
  readonly #placeOf: (name: number) => Place | undefined;
  readonly #batch: Batch;
  readonly #now: number;
  readonly #wave: Wave;
  #waveCount = 0;
  /** Up to here it was looked for a run. */
  #seenTo = 0;
  #gridAt = Number.NaN;
  #gridMinutes = 0;
  #gridZone = '';

  constructor(
    deps: PostDeps,
    placeOf: (name: number) => Place | undefined,
    { batch, source, now }: { batch: Batch; source: number; now: number },
  ) {
    this.#deps = deps;
    this.#placeOf = placeOf;
    this.#batch = batch;
    this.#now = now;
    this.#wave = { at: 0, minutes: 0, quality: 0, source, receivedAt: now };
  }

  /** How many items from `index` on were taken; 0 when that one is for the rules. Duplicates are noted in `notable`. */
  take(index: number, notable: { index: number; verdict: Notable }[]): number {
    const batch = this.#batch;
    const name = batch.name[index]!;
    const place = name === careful ? undefined : this.#placeOf(name);
    if (!place) return 0;
    const { seriesId, minutes, zone } = place;
    const at = instant(batch.at[index]!);
    if (at > this.#now + clockSkewMaxSeconds) return 0;
    if (minutes > 0) {
      if (!this.#isOnGrid(at, minutes, zone)) return 0;
      const run = this.#takeRun(index, name, place, notable);
      if (run > 0) return run;
    }
    const value = batch.value[index]!;
    if (minutes > 0 && value > floorMicroKwh && this.#deps.usual?.exceeds(seriesId, { at, value: microKwh(value) }))
      return 0;
    const quality = batch.quality[index]!;
    const origin = this.#deps.index.origins.internParts(minutes, quality, this.#wave.source, 0, 0);
    const outcome = this.#deps.index.plain.put(place, at, value, origin, this.#now);
    if (outcome === 'unclear') return 0;
    if (outcome === 'known') notable.push({ index, verdict: duplicate });
    else this.#noteKept(seriesId, at, value, minutes, quality);
    return 1;
  }

  /** What was taken and is not written yet, as one line of the journal. */
  write(): void {
    if (this.#waveCount === 0) return;
    record.clear();
    writeWave(record, this.#wave, waveSeries, waveValues, this.#waveCount);
    this.#waveCount = 0;
    this.#deps.journal.append(record.bytes);
  }

  #noteKept(seriesId: number, at: number, value: number, minutes: number, quality: number): void {
    const wave = this.#wave;
    const isMore = wave.at === at && wave.minutes === minutes && wave.quality === quality;
    if (this.#waveCount === waveMax || !isMore) {
      this.write();
      wave.at = at;
      wave.minutes = minutes;
      wave.quality = quality;
    }
    waveSeries[this.#waveCount] = seriesId;
    waveValues[this.#waveCount] = value;
    this.#waveCount += 1;
  }

  /** Intervals of one channel that follow each other within a UTC day: judged as one, or not at all. */
  #takeRun(
    index: number,
    name: number,
    { series, minutes, zone }: Place,
    notable: { index: number; verdict: Notable }[],
  ): number {
    const batch = this.#batch;
    if (index < this.#seenTo || index + runMin > batch.count || batch.name[index + 1] !== name) return 0;
    const startsAt = instant(batch.at[index]!);
    const dayEndsAt = (Math.floor(startsAt / secondsPerDay) + 1) * secondsPerDay;
    let end = index + 1;
    for (; end < batch.count && batch.name[end] === name; end++) {
      const at = startsAt + (end - index) * minutes * 60;
      if (batch.at[end] !== at || at >= dayEndsAt || !this.#isOnGrid(instant(at), minutes, zone)) break;
    }
    this.#seenTo = end;
    if (end - index < runMin) return 0;
    this.write();
    const verdict = decideRun(
      this.#deps,
      series,
      {
        ...{ seriesId: series.id, startsAt, minutes, source: this.#wave.source, line: 0, lineStep: 0, versionAt: 0 },
        values: batch.value.subarray(index, end),
        qualities: batch.quality.subarray(index, end),
      },
      this.#now,
    );
    if (verdict === 'duplicate') for (let at = index; at < end; at++) notable.push({ index: at, verdict: duplicate });
    return verdict ? end - index : 0;
  }

  /** Asked for one instant again and again. */
  #isOnGrid(at: Instant, minutes: number, zone: Zone): boolean {
    if (at === this.#gridAt && minutes === this.#gridMinutes && zone === this.#gridZone) return true;
    if (!isOnGrid(at, minutes, { zone })) return false;
    this.#gridAt = at;
    this.#gridMinutes = minutes;
    this.#gridZone = zone;
    return true;
  }
}
