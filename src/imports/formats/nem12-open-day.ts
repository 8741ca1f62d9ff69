import { qualityCode } from '../../readings/reading.ts';
import type { Instant } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import type { IntervalChannel, IntervalRun, QualitySpan } from '../format.ts';
import { flagQualities } from './mdff.ts';
import { maySplit, type QualityFields } from './nem12-quality.ts';

const codeOfFlag = Object.fromEntries(
  Object.entries(flagQualities).map(([flag, quality]) => [flag, qualityCode(quality)]),
);
const missing = qualityCode('missing');

// Most days have no 400 record, and no array of their own for them.
const noSpans: QualitySpan[] = [];
const noLines: number[] = [];
const noCodes = new Uint8Array(0);

/** How a day says what its intervals are worth, and where that stands. */
export interface DayQuality {
  fields: QualityFields;
  column: number;
  /** Whether any of its values is missing. */
  hasGaps: boolean;
}

/** A day whose 400 records may still come. */
export class OpenDay {
  readonly #run: IntervalRun;
  readonly #quality: QualityFields;
  readonly #qualityColumn: number;
  readonly #hasGaps: boolean;
  #spans = noSpans;
  #spanLines = noLines;

  constructor(
    channel: IntervalChannel,
    startsAt: Instant,
    energies: Float64Array,
    versionAt: Instant,
    line: number,
    { fields, column, hasGaps }: DayQuality,
  ) {
    this.#run = { channel, startsAt, energies, qualities: noCodes, spans: noSpans, versionAt, line };
    this.#quality = fields;
    this.#qualityColumn = column;
    this.#hasGaps = hasGaps;
  }

  get startsAt(): Instant {
    return this.#run.startsAt;
  }

  /** Puts a 400 record's quality over the day's; its values stay (N12-27). */
  apply(span: QualitySpan, line: number, findings: Findings): void {
    const place = { column: 1, rule: 'N12-26', field: 'StartInterval' };
    if (span.from < this.#covered) {
      const says = `interval ${span.from + 1} was already given a quality on line ${this.#spanLines.at(-1)}`;
      findings.add(line, { ...place, severity: 'error', says, action: 'rejected' });
      return;
    }
    if (!maySplit(this.#quality.flag, span)) {
      const says = `the day on line ${this.#run.line} is ${this.#quality.flag}, not V; this record is applied to it all the same`;
      findings.add(line, { rule: 'N12-25', severity: 'warning', says, action: 'repaired' });
    }
    if (this.#spans === noSpans) [this.#spans, this.#spanLines] = [[], []];
    this.#spans.push(span);
    this.#spanLines.push(line);
  }

  /** The day with every interval's quality known; undefined when it says V and its 400 records leave a gap, which is reported. */
  finish(findings: Findings): IntervalRun | undefined {
    const count = this.#run.energies.length;
    if (this.#quality.flag === 'V' && this.#intervalsGiven !== count) {
      this.#rejectGap(count, findings);
      return undefined;
    }
    const run = this.#run;
    const code = codeOfFlag[this.#quality.flag]!;
    run.spans = this.#spans.length === 0 ? wholeDay(this.#quality, count) : this.#filled(count);
    const isPlain = this.#spans.length === 0 && !this.#hasGaps && code !== missing;
    run.qualities = isPlain ? sameCodes(code, count) : this.#qualities(run.spans, findings);
    return run;
  }

  get #covered(): number {
    return this.#spans.at(-1)?.to ?? 0;
  }

  // Spans never overlap, so their lengths add up to the day exactly when there is no gap.
  get #intervalsGiven(): number {
    return this.#spans.reduce((sum, { from, to }) => sum + to - from, 0);
  }

  #rejectGap(count: number, findings: Findings): void {
    const { line } = this.#run;
    const place = {
      column: this.#qualityColumn,
      field: 'QualityMethod',
      raw: 'V',
      severity: 'error',
      action: 'rejected',
    } as const;
    if (this.#spans.length === 0) {
      const says = 'quality V needs 400 records that give each interval its quality, and none is valid';
      findings.add(line, { ...place, rule: 'N12-25', says });
      return;
    }
    const says = `quality V, but the 400 records give a quality to ${this.#intervalsGiven} of ${count} intervals`;
    findings.add(line, { ...place, rule: 'N12-26', says });
    for (const spanLine of this.#spanLines) {
      const why = `rejected with its day on line ${line}: together the 400 records give a quality to ${this.#intervalsGiven} of ${count} intervals`;
      findings.add(spanLine, {
        rule: 'N12-26',
        severity: 'error',
        field: 'EndInterval',
        says: why,
        action: 'rejected',
      });
    }
  }

  #filled(count: number): QualitySpan[] {
    const spans: QualitySpan[] = [];
    let from = 0;
    for (const span of this.#spans) {
      if (span.from > from) spans.push({ from, to: span.from, ...this.#quality });
      spans.push(span);
      from = span.to;
    }
    if (from < count) spans.push({ from, to: count, ...this.#quality });
    return spans;
  }

  #qualities(spans: readonly QualitySpan[], findings: Findings): Uint8Array {
    const { energies, line } = this.#run;
    const qualities = new Uint8Array(energies.length);
    let valuesDropped = 0;
    for (const { from, to, flag } of spans) {
      const code = codeOfFlag[flag]!;
      for (let at = from; at < to; at++) {
        const energy = energies[at]!;
        if (code === missing && energy > 0) valuesDropped += 1;
        if (code === missing) energies[at] = Number.NaN;
        qualities[at] = Number.isNaN(energy) ? missing : code;
      }
    }
    if (valuesDropped > 0) {
      const says = `${valuesDropped} values other than 0 are flagged N: they are missing all the same`;
      findings.add(line, {
        column: this.#qualityColumn,
        rule: 'N12-22',
        severity: 'warning',
        says,
        action: 'repaired',
      });
    }
    return qualities;
  }
}

let whole: { quality: QualityFields; spans: readonly QualitySpan[] } | undefined;

/** A day of one quality: one array for all days in a row that have the same, as most of a file have. */
function wholeDay(quality: QualityFields, count: number): readonly QualitySpan[] {
  if (whole?.quality !== quality || whole.spans[0]?.to !== count)
    whole = { quality, spans: [{ from: 0, to: count, ...quality }] };
  return whole.spans;
}

const same: Uint8Array[] = [];

/** A day of one quality without gaps: they share the array, as they share the span. */
function sameCodes(code: number, count: number): Uint8Array {
  const known = same[code];
  if (known?.length === count) return known;
  same[code] = new Uint8Array(count).fill(code);
  return same[code];
}
