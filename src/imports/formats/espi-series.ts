import { qualities, qualityCode } from '../../readings/reading.ts';
import { microKwh } from '../../units/energy.ts';
import { type Instant, instant } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import type { ChannelRole, FormatSink, IntervalChannel, RegisterReading } from '../format.ts';
import { quote } from '../problem.ts';
import type { Block } from './espi-feed.ts';
import type { Content } from './espi-links.ts';
import { type LocalTime, localOffsetAt } from './espi-local-time.ts';
import { qualitiesOfFeed, scale, services, type UnitOfFeed, unitsOfFeed } from './espi-units.ts';

/** One MeterReading with everything it hangs together with. */
export interface FeedSeries {
  meterReading: Content;
  usagePoint: Content;
  readingType: Content;
  blocks: Block[];
  localTime: LocalTime | undefined;
  meterPoint: string;
  /** E1, B1: as it names itself, else by the order of links among those of its direction. */
  code: string;
  /** '' when the feed does not say, as only our own does. */
  meterSerial: string;
  role: ChannelRole;
  feedUpdatedAt: Instant;
}

const missing = qualityCode('missing');
const actual = qualityCode('actual');

/** Emits what the readings of a series say; the number of runs and register readings. */
export function emitSeries(series: FeedSeries, sink: FormatSink, findings: Findings): number {
  const unit = readUnit(series, findings);
  const manner = mannerOf(series, findings);
  const multiplier = readMultiplier(series, findings);
  if (unit === undefined || manner === undefined || multiplier === undefined) return 0;
  const emission = new Emission(series, unit, unit.exponent + multiplier, sink, findings);
  for (const block of series.blocks) {
    if (manner === 'interval') emission.intervals(block);
    else emission.registers(block);
  }
  return emission.records;
}

/** GB-4: a unit that its service cannot be counted in would be energy of nobody's. */
function readUnit({ readingType, usagePoint }: FeedSeries, findings: Findings): UnitOfFeed | undefined {
  const { line } = readingType.entry;
  const uom = readingType.fields.get('uom') ?? '';
  const service = usagePoint.fields.get('kind') ?? '0';
  const unit = unitsOfFeed[uom];
  const reject = (says: string, raw: string, field: string) =>
    findings.add(line, { rule: 'GB-4', severity: 'error', field, raw, says, action: 'rejected' });
  if (!unit) reject(`${quote(uom)} is not a unit that meter data are in`, uom, 'uom');
  else if (!services[service])
    reject(`${quote(service)} is not a service that is metered here: electricity, gas or water`, service, 'kind');
  else if (!unit.services.includes(service)) reject(`${services[service]} is not counted in ${unit.unit}`, uom, 'uom');
  else return unit;
  return undefined;
}

/** GB-5: 4 is the energy of an interval; 1, 3 and 9 are a register's value; anything else is not energy. */
function mannerOf({ readingType }: FeedSeries, findings: Findings): 'interval' | 'register' | undefined {
  const sent = readingType.fields.get('accumulationBehaviour') ?? '';
  if (sent === '4' || sent === '' || sent === '0') return 'interval';
  if (sent === '1' || sent === '3' || sent === '9') return 'register';
  const says = `accumulation ${quote(sent)} is no energy and no register; its readings are passed over`;
  const place = { rule: 'GB-5', field: 'accumulationBehaviour', raw: sent };
  findings.add(readingType.entry.line, { ...place, severity: 'warning', says, action: 'ignored' });
  return undefined;
}

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

class Emission {
  records = 0;
  readonly #series: FeedSeries;
  readonly #unit: UnitOfFeed;
  readonly #exponent: number;
  readonly #isEnergy: boolean;
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #channels = new Map<number, IntervalChannel>();
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
  }

  intervals(block: Block): void {
    const versionAt = this.#versionOf(block);
    const step = Number(this.#series.readingType.fields.get('intervalLength') ?? Number.NaN);
    let next = Number(block.fields.get('start') ?? Number.NaN);
    for (let at = 0; at < block.values.length; at++) {
      const line = block.lines[at]!;
      const start = this.#startOf(block.starts[at]!, next, line);
      const duration = Number.isNaN(block.durations[at]!) ? step : block.durations[at]!;
      const energy = this.#energyOf(block.values[at]!, line);
      if (start === undefined || energy === undefined) continue;
      if (Number.isNaN(duration)) {
        this.#reject(
          line,
          'GB-7',
          'timePeriod.duration',
          '',
          'the interval has no length and its reading type names none',
        );
        continue;
      }
      next = start + duration;
      if (duration === 0) this.#keepStray(start, energy, line);
      else if (duration % 60 !== 0)
        this.#reject(
          line,
          'GB-7',
          'timePeriod.duration',
          String(duration),
          `${duration} seconds are not whole minutes`,
        );
      else this.#addInterval(start, duration, energy, this.#qualityOf(block.qualities[at]!, line), line, versionAt);
    }
    this.#flush(versionAt);
    if (this.#stray) {
      const says = 'an interval of no length is followed by none that begins where it stands; its energy is left out';
      this.#reject(block.entry.line, 'GB-8', 'timePeriod.duration', '0', says);
      this.#stray = undefined;
    }
  }

  registers(block: Block): void {
    const { meterPoint, code, meterSerial, role } = this.#series;
    for (let at = 0; at < block.values.length; at++) {
      const line = block.lines[at]!;
      const start = this.#startOf(block.starts[at]!, Number(block.fields.get('start') ?? Number.NaN), line);
      const value = this.#energyOf(block.values[at]!, line);
      if (start === undefined || value === undefined) continue;
      if (Number.isNaN(value)) {
        this.#reject(line, 'GB-5', 'value', '', 'a register reading without a value');
        continue;
      }
      const reading: RegisterReading = {
        meterPoint,
        meterSerial,
        meterKey: meterSerial.replaceAll(/\s/g, ''),
        registerId: code,
        flow: this.#isEnergy && (role === 'from-grid' || role === 'to-grid') ? role : 'none',
        unit: this.#unit.unit,
        // What the dial showed when the period was over.
        at: instant(start + (block.durations[at]! || 0)),
        value: microKwh(value),
        quality: qualities[this.#qualityOf(block.qualities[at]!, line)]!,
        readingType: '',
        bscStatus: 'V',
        flag: '',
        method: '',
        validationReason: '',
        validationStatus: '',
        versionAt: this.#versionOf(block),
        line,
      };
      this.records += 1;
      this.#sink.registerReading(reading);
    }
  }

  #versionOf({ entry }: Block): Instant {
    return entry.updatedAt ?? this.#series.feedUpdatedAt;
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

  /** The worst of what is said of a reading. */
  #qualityOf(sent: string, line: number): number {
    const told = sent || (this.#series.readingType.fields.get('defaultQuality') ?? '');
    let worst = actual;
    for (const code of told.split(' ')) {
      const quality = code === '' ? 'actual' : qualitiesOfFeed[code];
      if (quality === undefined) {
        const says = `${quote(code)} is not a quality of reading; it counts as estimated`;
        const place = { rule: 'GB-9', field: 'quality', raw: code };
        this.#findings.addOnce(`quality ${code}`, line, { ...place, severity: 'warning', says, action: 'repaired' });
      }
      worst = Math.max(worst, qualityCode(quality ?? 'estimated'));
    }
    return worst;
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

  #addInterval(
    start: number,
    duration: number,
    energy: number,
    quality: number,
    line: number,
    versionAt: Instant,
  ): void {
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
      this.#flush(versionAt);
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

  #flush(versionAt: Instant): void {
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
      versionAt,
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

const multiplierMax = 15;

function readMultiplier({ readingType }: FeedSeries, findings: Findings): number | undefined {
  const sent = readingType.fields.get('powerOfTenMultiplier') ?? '';
  if (sent === '') return 0;
  if (/^[+-]?\d{1,2}$/.test(sent) && Math.abs(Number(sent)) <= multiplierMax) return Number(sent);
  const says = `${quote(sent)} is not a power of ten`;
  const place = { rule: 'GB-3', field: 'powerOfTenMultiplier', raw: sent };
  findings.add(readingType.entry.line, { ...place, severity: 'error', says, action: 'rejected' });
  return undefined;
}
