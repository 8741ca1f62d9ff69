import { qualityCode } from '../../readings/reading.ts';
import { parseEnergy } from '../../units/energy.ts';
import type { Zone } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import type { Format, FormatContext, FormatSink } from '../format.ts';
import { headText } from '../head.ts';
import type { JsonPath } from '../json-scanner.ts';
import { quote } from '../problem.ts';
import type { Channel } from '../profiles/profile.ts';
import { RunBuilder } from '../profiles/run-builder.ts';
import { StampReader } from '../profiles/stamp-pattern.ts';
import { Track, WallClock } from '../profiles/wall-clock.ts';
import { JsonFileReader, type JsonLeaf, type JsonRecords } from './json-file.ts';

/** What the meters of energyDetails count; `energy` alone is production. What is reckoned from others is never billed. */
const channels: Record<string, Channel> = {
  Production: { code: 'S1', flow: 'from-solar' },
  Purchased: { code: 'E1', flow: 'from-grid' },
  FeedIn: { code: 'B1', flow: 'to-grid' },
  Consumption: { code: 'CONSUMPTION', flow: 'none' },
  SelfConsumption: { code: 'SELF', flow: 'none' },
};

const minutesOf: Record<string, number> = { QUARTER_OF_AN_HOUR: 15, HOUR: 60 };
const units = { Wh: 'Wh', kWh: 'kWh', MWh: 'MWh' } as const;
// One answer holds at most a month of quarter-hours per meter; ten times that is held until its unit is known.
const heldMax = 200_000;

/** Answers of SolarEdge's monitoring API: `energy` and `energyDetails`. null is no data, not zero. */
export const solarEdge: Format = {
  name: 'solaredge',
  title: 'SolarEdge energy, JSON',
  looksLike: head => /^\s*\{\s*"energy(Details)?"\s*:\s*\{/.test(headText(head)),
  reader: (sink, context) =>
    new JsonFileReader(
      sink,
      context,
      'SolarEdge energy',
      (findings, meterPoint) => new Answer(sink, context, findings, meterPoint),
    ),
};

interface Held {
  type: string;
  date: JsonLeaf;
  value: JsonLeaf;
}

class Answer implements JsonRecords {
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #meterPoint: string | undefined;
  readonly #clock: WallClock;
  readonly #withOffset = new StampReader('yyyy-MM-dd HH:mm:ssXXX');
  readonly #plain = new StampReader('yyyy-MM-dd HH:mm:ss');
  readonly #held: Held[] = [];
  #timeUnit: JsonLeaf | undefined;
  #unit: JsonLeaf | undefined;
  #meter = 0;
  #type = 'Production';
  #values: [date: JsonLeaf, value: JsonLeaf][] = [];
  #date: JsonLeaf | undefined;
  #value: JsonLeaf | undefined;
  #records = 0;

  constructor(sink: FormatSink, context: FormatContext, findings: Findings, meterPoint: string | undefined) {
    this.#sink = sink;
    this.#findings = findings;
    this.#meterPoint = meterPoint;
    this.#clock = new WallClock(context.siteZone ?? ('UTC' as Zone));
  }

  leaf(path: JsonPath, leaf: JsonLeaf): void {
    const name = path.at(-1);
    if (path.length === 2 && name === 'timeUnit') this.#timeUnit = leaf;
    else if (path.length === 2 && name === 'unit') this.#unit = leaf;
    else if (path[1] === 'meters' && path.length === 4 && name === 'type') this.#type = leaf.text;
    else if (name === 'date' && path.at(-3) === 'values') this.#date = leaf;
    else if (name === 'value' && path.at(-3) === 'values') this.#value = leaf;
  }

  closed(path: JsonPath): void {
    if (path.at(-2) === 'values' && typeof path.at(-1) === 'number') {
      if (this.#date && this.#value) this.#values.push([this.#date, this.#value]);
      this.#date = undefined;
      this.#value = undefined;
      if (this.#held.length + this.#values.length >= heldMax) this.#tooMany();
    } else if (path[1] === 'meters' ? path.length === 3 : path.length === 1) {
      for (const [date, value] of this.#values) this.#held.push({ type: this.#type, date, value });
      this.#values = [];
      this.#meter += 1;
      this.#type = 'Production';
      if (path.length === 1) this.#emit();
    }
  }

  finish(): number {
    // A file that was cut off gives what it held before.
    for (const [date, value] of this.#values) this.#held.push({ type: this.#type, date, value });
    this.#values = [];
    this.#emit();
    return this.#records;
  }

  #emit(): void {
    const held = this.#held.splice(0);
    if (held.length === 0) return;
    const minutes = minutesOf[this.#timeUnit?.text ?? ''];
    const unit = Object.entries(units).find(([name]) => name === this.#unit?.text)?.[1];
    if (minutes === undefined) {
      const says = `values by ${quote(this.#timeUnit?.text ?? '')} are too coarse for a bill: ask for QUARTER_OF_AN_HOUR or HOUR`;
      this.#reject(this.#timeUnit ?? held[0]!.date, says);
    } else if (unit === undefined)
      this.#reject(this.#unit ?? held[0]!.date, `${quote(this.#unit?.text ?? '')} is not a unit of energy`);
    else if (this.#meterPoint !== undefined) this.#place(held, minutes, unit, this.#meterPoint);
  }

  #place(held: Held[], minutes: number, unit: keyof typeof units, meterPoint: string): void {
    const builders = new Map<string, { builder: RunBuilder; track: Track }>();
    for (const { type, date, value } of held) {
      const channel = channels[type];
      if (!channel) {
        this.#findings.addOnce(type, date.line, {
          rule: 'CSV-4',
          severity: 'warning',
          says: `meters of the kind ${quote(type)} are not known and left out`,
          action: 'ignored',
        });
        continue;
      }
      let series = builders.get(type);
      if (!series) {
        const builder = new RunBuilder({ meterPoint, serial: '' }, channel, run => this.#sink.intervals(run));
        series = { builder, track: new Track() };
        builders.set(type, series);
      }
      const at = this.#instant(date, series.track);
      const energy = this.#energy(value, unit);
      if (at === undefined || energy === undefined) continue;
      this.#records += 1;
      series.builder.push(at, minutes, energy, actual, value.line);
    }
    for (const { builder } of builders.values()) builder.flush();
  }

  /** "2024-10-27 02:00:00 CEST+0200", or without its zone the wall clock of the site. */
  #instant(date: JsonLeaf, track: Track): number | undefined {
    const bytes = Buffer.from(date.text, 'utf8');
    if (this.#withOffset.read(bytes, 0, bytes.length) && this.#withOffset.next === bytes.length)
      return this.#withOffset.wall - this.#withOffset.offset;
    const isPlain = this.#plain.read(bytes, 0, bytes.length) && this.#plain.next === bytes.length;
    const at = isPlain ? this.#clock.toInstant(this.#plain.wall, track) : Number.NaN;
    if (!Number.isNaN(at)) return at;
    const says = isPlain ? 'was never on the clock of the site: it was put forward over it' : 'is not a date and time';
    this.#reject(date, `${quote(date.text)} ${says}`, 'CSV-6');
    return undefined;
  }

  #energy(value: JsonLeaf, unit: keyof typeof units): number | undefined {
    if (value.kind === 'literal' && value.text === 'null') return Number.NaN;
    const parsed = value.kind === 'number' ? parseEnergy(value.text, units[unit]) : undefined;
    if (!parsed?.ok || parsed.microKwh < 0) {
      this.#reject(value, `${quote(value.text)} is not energy in ${unit}`);
      return undefined;
    }
    return parsed.microKwh;
  }

  #tooMany(): void {
    const [date] = this.#values.at(-1)!;
    this.#reject(date, `more than ${heldMax} values in one answer are not read: ask for a month at a time`);
    this.#held.length = 0;
    this.#values = [];
  }

  #reject({ line, column, text }: JsonLeaf, says: string, rule = 'CSV-4'): void {
    this.#findings.add(line, { column, rule, severity: 'error', raw: text, says, action: 'rejected' });
  }
}

const actual = qualityCode('actual');
