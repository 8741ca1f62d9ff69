import { qualities, qualityCode } from '../../readings/reading.ts';
import { microKwh } from '../../units/energy.ts';
import { type Instant, instant } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import { type FormatSink, type IntervalChannel, plainRegisterReading } from '../format.ts';
import { type Finding, quote } from '../problem.ts';
import { type Columns, qualityNotSaid } from './espi-columns.ts';
import type { Block } from './espi-feed.ts';
import { localOffsetAt } from './espi-local-time.ts';
import type { FeedSeries } from './espi-series.ts';
import { scale, type UnitOfFeed, worstQuality } from './espi-units.ts';

const missing = qualityCode('missing');
const actual = qualityCode('actual');

/** A run being gathered: intervals of one length that follow each other. */
interface OpenRun {
  channel: IntervalChannel;
  startsAt: number;
  energies: number[];
  codes: number[];
  line: number;
}

// A run is a day of a quarter-hourly meter at most, so that a year in one block is not one record.
const runMax = 96;

/** What the blocks of one series say, as runs of intervals or as values of a register. */
export class Emission {
  records = 0;
  readonly #series: FeedSeries;
  readonly #unit: UnitOfFeed;
  readonly #exponent: number;
  readonly #isEnergy: boolean;
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #channels = new Map<number, IntervalChannel>();
  readonly #step: number;
  readonly #defaultQuality: number;
  #versionAt: Instant = instant(0);
  /** Where a reading without a time of its own begins. */
  #next = Number.NaN;
  #blockStart = Number.NaN;
  #run: OpenRun | undefined;
  /** Energy of an interval of no length, until the one that begins where it stood. */
  #stray: { at: number; energy: number } | undefined;

  constructor(series: FeedSeries, unit: UnitOfFeed, exponent: number, sink: FormatSink, findings: Findings) {
    this.#series = series;
    this.#unit = unit;
    this.#exponent = exponent;
    const { fields } = series.usagePoint;
    this.#isEnergy = unit.unit === 'kWh' && (fields.get('kind') ?? '0') === '0';
    this.#sink = sink;
    this.#findings = findings;
    const { entry, fields: said } = series.readingType;
    this.#step = Number(said.get('intervalLength') ?? Number.NaN);
    const byDefault = said.get('defaultQuality') ?? '';
    const codes = byDefault === '' ? [] : [byDefault];
    const quality = worstQuality(codes, code => findings.addOnce(`quality ${code}`, entry.line, unknownQuality(code)));
    this.#defaultQuality = quality === qualityNotSaid ? actual : quality;
  }

  /** Readings are handed over after this, part by part. */
  begin({ fields, entry }: Block): void {
    this.#versionAt = entry.updatedAt ?? this.#series.feedUpdatedAt;
    this.#next = Number(fields.get('start') ?? Number.NaN);
    this.#blockStart = this.#next;
  }

  end({ entry }: Block): void {
    this.#flush();
    if (!this.#stray) return;
    const says = 'an interval of no length is followed by none that begins where it stands; its energy is left out';
    this.#reject(entry.line, 'GB-8', 'timePeriod.duration', '0', says);
    this.#stray = undefined;
  }

  intervals({ count, starts, durations, values, qualities: codes, lines }: Columns): void {
    for (let at = 0; at < count; at++) {
      const line = lines[at]!;
      const start = this.#startOf(starts[at]!, this.#next, line);
      const duration = durations[at]! < 0 ? this.#step : durations[at]!;
      const energy = this.#energyOf(values[at]!, line);
      if (start === undefined || energy === undefined) continue;
      if (Number.isNaN(duration)) {
        const says = 'the interval has no length and its reading type names none';
        this.#reject(line, 'GB-7', 'timePeriod.duration', '', says);
        continue;
      }
      this.#next = start + duration;
      if (duration === 0) this.#keepStray(start, energy, line);
      else if (duration % 60 !== 0) {
        const says = `${duration} seconds are not whole minutes`;
        this.#reject(line, 'GB-7', 'timePeriod.duration', String(duration), says);
      } else this.#addInterval(start, duration, energy, this.#qualityOf(codes[at]!), line);
    }
  }

  registers({ count, starts, durations, values, qualities: codes, lines }: Columns): void {
    const { meterPoint, code, meterSerial, role } = this.#series;
    for (let at = 0; at < count; at++) {
      const line = lines[at]!;
      const start = this.#startOf(starts[at]!, this.#blockStart, line);
      const value = this.#energyOf(values[at]!, line);
      if (start === undefined || value === undefined) continue;
      if (Number.isNaN(value)) {
        this.#reject(line, 'GB-5', 'value', '', 'a register reading without a value');
        continue;
      }
      this.records += 1;
      this.#sink.registerReading({
        meterPoint,
        meterSerial,
        registerId: code,
        flow: this.#isEnergy && (role === 'from-grid' || role === 'to-grid') ? role : 'none',
        unit: this.#unit.unit,
        // What the dial showed when the period was over.
        at: instant(start + Math.max(durations[at]!, 0)),
        value: microKwh(value),
        quality: qualities[this.#qualityOf(codes[at]!)]!,
        ...plainRegisterReading,
        versionAt: this.#versionAt,
        line,
      });
    }
  }

  #startOf(sent: number, next: number, line: number): number | undefined {
    const start = Number.isNaN(sent) ? next : sent;
    if (Number.isNaN(start)) {
      this.#reject(line, 'GB-7', 'timePeriod.start', '', 'the reading has no time, and neither has its block');
      return undefined;
    }
    if (!Number.isInteger(start)) {
      const says = 'times have fractions of a second, which are dropped (said once per file)';
      const place = { rule: 'GB-7', field: 'timePeriod.start', raw: String(start) };
      this.#findings.addOnce('fraction', line, { ...place, severity: 'warning', says, action: 'repaired' });
    }
    return Math.floor(start);
  }

  /** Millionths of the unit; NaN for a missing value, undefined when it is rejected. */
  #energyOf(sent: number, line: number): number | undefined {
    if (Number.isNaN(sent)) return Number.NaN;
    const { role } = this.#series;
    let value = sent;
    if (value < 0 && role === 'to-grid') {
      const says = 'energy to the grid is written below zero; it is read as what flowed there (said once per file)';
      const place = { rule: 'GB-6', field: 'value', raw: String(sent) };
      this.#findings.addOnce('reverse', line, { ...place, severity: 'warning', says, action: 'repaired' });
      value = -value;
    }
    if (value < 0 && role === 'from-grid') {
      this.#reject(line, 'GB-6', 'value', String(sent), `${sent} is negative; energy from the grid is zero or more`);
      return undefined;
    }
    const scaled = scale(value, this.#exponent);
    if (!scaled) {
      this.#reject(line, 'GB-3', 'value', String(sent), `${sent} is too large`);
      return undefined;
    }
    if (scaled.rounded) {
      const says = `values finer than 0.000001 ${this.#unit.unit} are rounded (said once per file)`;
      const place = { rule: 'GB-3', field: 'value', raw: String(sent) };
      this.#findings.addOnce('rounded', line, { ...place, severity: 'warning', says, action: 'repaired' });
    }
    return scaled.value;
  }

  #qualityOf(said: number): number {
    return said === qualityNotSaid ? this.#defaultQuality : said;
  }

  // A clock that is set back makes naive feeds say an hour of no length before the one that repeats it (GB-8). What flowed is kept.
  #keepStray(at: number, energy: number, line: number): void {
    const says = 'an interval of no length: its energy is added to the interval that begins there, as an estimate';
    this.#findings.add(line, {
      rule: 'GB-8',
      severity: 'warning',
      field: 'timePeriod.duration',
      raw: '0',
      says,
      action: 'repaired',
    });
    if (!Number.isNaN(energy)) this.#stray = { at, energy: energy + (this.#stray?.at === at ? this.#stray.energy : 0) };
  }

  #addInterval(start: number, duration: number, energy: number, quality: number, line: number): void {
    let [value, code] = [energy, Number.isNaN(energy) ? missing : quality];
    if (this.#stray?.at === start && !Number.isNaN(energy)) {
      value += this.#stray.energy;
      code = Math.max(code, qualityCode('estimated'));
      this.#stray = undefined;
    }
    const channel = this.#channelOf(duration / 60, line);
    const run = this.#run;
    const continues =
      run?.channel === channel &&
      run.energies.length < runMax &&
      start === run.startsAt + run.energies.length * duration;
    if (!continues) {
      this.#flush();
      this.#checkMidnight(start, duration, line);
      this.#run = { channel, startsAt: start, energies: [value], codes: [code], line };
    } else {
      run.energies.push(value);
      run.codes.push(code);
    }
  }

  /** Days that do not begin at midnight of the site's clock: the sign of its offset may be wrong (GB-7). */
  #checkMidnight(start: number, duration: number, line: number): void {
    const { localTime } = this.#series;
    if (!localTime || duration < 82_800 || (start + localOffsetAt(start, localTime)) % 86_400 === 0) return;
    const says = "a day of readings does not begin at midnight of the feed's own clock (said once per file)";
    this.#findings.addOnce('midnight', line, { rule: 'GB-7', severity: 'warning', says, action: 'ignored' });
  }

  #flush(): void {
    const run = this.#run;
    this.#run = undefined;
    if (!run) return;
    const { channel, startsAt, energies, codes, line } = run;
    const flags = codes.map(code =>
      code === missing ? 'N' : code === actual ? 'A' : code === qualityCode('estimated') ? 'E' : 'S',
    );
    const spans = [];
    for (let from = 0, to = 1; to <= flags.length; to++) {
      if (flags[to] === flags[from]) continue;
      spans.push({ from, to, flag: flags[from]!, method: '', reasonCode: '', reasonText: '' });
      from = to;
    }
    this.records += 1;
    this.#sink.intervals({
      channel,
      startsAt: instant(startsAt),
      energies: Float64Array.from(energies),
      qualities: Uint8Array.from(codes),
      spans,
      versionAt: this.#versionAt,
      line,
    });
  }

  #channelOf(lengthMinutes: number, line: number): IntervalChannel {
    const known = this.#channels.get(lengthMinutes);
    if (known) return known;
    const { meterPoint, code, role } = this.#series;
    const channel: IntervalChannel = {
      meterPoint,
      nmiConfiguration: '',
      suffix: code,
      role,
      registerId: '',
      meterSerial: '',
      unit: this.#unit.unit,
      isEnergy: this.#isEnergy,
      lengthMinutes,
      line,
    };
    this.#channels.set(lengthMinutes, channel);
    return channel;
  }

  #reject(line: number, rule: string, field: string, raw: string, says: string): void {
    this.#findings.add(line, { rule, severity: 'error', field, raw, says, action: 'rejected' });
  }
}

/** GB-9: a code that is on no list. */
export function unknownQuality(code: string): Finding {
  const says = `${quote(code)} is not a quality of reading; it counts as estimated`;
  return { rule: 'GB-9', field: 'quality', raw: code, severity: 'warning', says, action: 'repaired' };
}
