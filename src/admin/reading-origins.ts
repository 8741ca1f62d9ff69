import type { Series } from '../accounts/meter-point.ts';
import { showEnergy, showMoment } from '../http/format.ts';
import { href } from '../http/href.ts';
import type { ImportRunStore } from '../imports/import-run-store.ts';
import { type ListedReading, listReadings } from '../readings/list-readings.ts';
import { isEstimate, type Reading } from '../readings/reading.ts';
import { flagsOf, type ReadingFlagStore } from '../readings/reading-flag-store.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import { rules } from '../readings/rules.ts';
import type { SourceStore } from '../readings/source-store.ts';
import { instant, type Period, type Zone } from '../units/time.ts';
import type { Cell } from './list.ts';
import type { SpanView } from './span.ts';

interface OriginDeps {
  readings: ReadingIndex;
  sources: SourceStore;
  imports: ImportRunStore;
  flags: ReadingFlagStore;
}

/** Where the figures of one row of a day's table came from, and what else was sent for it. */
export interface Origins {
  sources: Exclude<Cell, string>[];
  /** "superseded: 0.250 kWh, actual (key meter-7)", and what a rule noted: "spike: more than …" */
  versions: string[];
}

const readingsMax = 5000;
const registerValuesMax = 400;

/** The origins of a day's intervals, one per row of the day. */
export function intervalOrigins(deps: OriginDeps, series: readonly Series[], { period, bounds }: SpanView): Origins[] {
  const origins: Origins[] = bounds.slice(1).map(() => ({ sources: [], versions: [] }));
  const step = bounds[1]! - bounds[0]!;
  const channels = series.filter(({ kind, flow }) => kind === 'channel' && flow !== 'none');
  const wordsOf = sourceWords(deps);
  const noted = notesOf(deps, channels, period);
  for (const listed of listReadings(deps.readings, channels, period, readingsMax).readings) {
    const row = origins[Math.floor((listed.reading.at - period.from) / step)];
    if (!row) continue;
    const source = wordsOf(listed.reading);
    if (!row.sources.some(({ text }) => text === source.text)) row.sources.push(source);
    row.versions.push(...noted(listed), ...versionsOf(listed, wordsOf));
  }
  return origins;
}

/** What the dials showed in a period, its ends included: a value at midnight belongs to both days. */
export function registerValues(deps: OriginDeps, series: readonly Series[], { from, to }: Period, zone: Zone) {
  const registers = series.filter(({ kind }) => kind === 'register');
  const wordsOf = sourceWords(deps);
  const noted = notesOf(deps, registers, { from, to: instant(to + 1) });
  const { readings, next } = listReadings(deps.readings, registers, { from, to: instant(to + 1) }, registerValuesMax);
  const rows = readings.map(listed => ({
    at: showMoment(listed.reading.at, zone),
    code: listed.series.code,
    meter: listed.series.serial,
    value: `${showEnergy(listed.reading.value, 3)} ${listed.series.unit}`,
    quality: qualityCell(listed.reading),
    source: wordsOf(listed.reading),
    versions: [...noted(listed), ...versionsOf(listed, wordsOf)],
  }));
  return { known: registers.length > 0, rows, more: next !== undefined };
}

/** What rules noted at a reading as it stands. */
function notesOf(
  { flags }: OriginDeps,
  series: readonly Series[],
  { from, to }: Period,
): (listed: ListedReading) => string[] {
  const bySeries = new Map(series.map(({ id }) => [id, flags.listOf(id, from, to)]));
  return ({ series: { id }, reading }) =>
    flagsOf(bySeries.get(id) ?? [], reading).map(rule => `${rule}: ${rules[rule].says}`);
}

function qualityCell({ quality }: Reading): Exclude<Cell, string> {
  if (quality === 'missing') return { text: quality, tone: 'bad' };
  return isEstimate(quality) ? { text: quality, tone: 'warn' } : { text: quality };
}

function versionsOf({ series, versions }: ListedReading, wordsOf: (reading: Reading) => Exclude<Cell, string>) {
  return versions.map(({ reading, outcome }) => {
    const value = Number.isNaN(reading.value) ? 'no value' : `${showEnergy(reading.value, 3)} ${series.unit}`;
    return `${outcome}: ${series.code} ${value}, ${reading.quality} (${wordsOf(reading).text})`;
  });
}

/** "import 3, line 17", leading to the report; "key meter-7"; "demo history". */
function sourceWords({ sources, imports }: OriginDeps): (reading: Reading) => Exclude<Cell, string> {
  const known = new Map<number, Exclude<Cell, string>>();
  return ({ source: id, line }) => {
    let source = known.get(id);
    if (!source) {
      source = describe(id);
      known.set(id, source);
    }
    return line > 0 ? { ...source, text: `${source.text}, line ${line}` } : source;
  };

  function describe(id: number): Exclude<Cell, string> {
    const source = sources.find(id);
    if (!source) return { text: 'unknown' };
    if (source.kind === 'api-key') return { text: `key ${source.reference}` };
    if (source.kind !== 'import') return { text: `${source.kind} ${source.reference}` };
    const [run = '', ...member] = source.reference.split('!');
    const name = member.length > 0 ? member.join('!') : (imports.find(Number(run))?.name ?? '');
    return { text: `import ${run}`, href: href('/admin/imports', [run]), soft: name };
  }
}
