import { qualityCode } from '../../readings/reading.ts';
import { microKwh, parseEnergy } from '../../units/energy.ts';
import { type Instant, instant, parseInstant, secondsPerDay, type Zone } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import { type Format, type FormatSink, plainRegisterReading } from '../format.ts';
import { headText } from '../head.ts';
import type { JsonPath } from '../json-scanner.ts';
import { quote } from '../problem.ts';
import type { Channel } from '../profiles/profile.ts';
import { RunBuilder } from '../profiles/run-builder.ts';
import { JsonFileReader, type JsonLeaf, type JsonRecords } from './json-file.ts';

/** Of the hundred channels of the archive these are energy: what an inverter made, and the two counters of a meter. */
const channels: Record<string, { kind: 'interval' | 'register'; channel: Channel }> = {
  EnergyReal_WAC_Sum_Produced: { kind: 'interval', channel: { code: 'S1', flow: 'from-solar' } },
  EnergyReal_WAC_Plus_Absolute: { kind: 'register', channel: { code: '1', flow: 'from-grid' } },
  EnergyReal_WAC_Minus_Absolute: { kind: 'register', channel: { code: '2', flow: 'to-grid' } },
};

// A datalogger asked for its longest span answers with sixteen days; five minutes apart that is a twentieth of this.
const heldMax = 100_000;
const fiveMinutes = 5;
const actual = qualityCode('actual');

/** Archives and pushed logs of the Fronius Solar API: values keyed by seconds since Start, in no order (section 5). */
export const fronius: Format = {
  name: 'fronius',
  title: 'Fronius Solar API archive, JSON',
  looksLike: head => {
    const text = headText(head);
    return (
      /^\s*\{/.test(text) &&
      /"(Body|Head)"\s*:/.test(text) &&
      /"((inverter|meter)[/:][^"]*|SeriesType)"\s*:|"Scope"\s*:\s*"System"/.test(text)
    );
  },
  reader: (sink, context) =>
    new JsonFileReader(
      sink,
      context,
      'Fronius archive',
      (findings, meterPoint) => new Archive(sink, findings, meterPoint),
    ),
};

interface Held {
  seconds: number;
  value: JsonLeaf;
}

interface HeldSeries {
  name: string;
  unit: string;
  values: Held[];
}

class Archive implements JsonRecords {
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #meterPoint: string | undefined;
  #series: HeldSeries[] = [];
  #current: HeldSeries | undefined;
  #start: JsonLeaf | undefined;
  #held = 0;
  #records = 0;

  constructor(sink: FormatSink, findings: Findings, meterPoint: string | undefined) {
    this.#sink = sink;
    this.#findings = findings;
    this.#meterPoint = meterPoint;
  }

  leaf(path: JsonPath, leaf: JsonLeaf): void {
    // Body.DEVICE in a pushed log, Body.Data.DEVICE in an answer of the archive.
    const at = deviceAt(path);
    if (at < 0) return;
    const [first, name, last, key] = path.slice(at + 1);
    if (first === 'Start') this.#start = leaf;
    else if (first !== 'Data' || typeof name !== 'string' || !(name in channels)) return;
    else if (last === 'Unit') this.#seriesOf(name).unit = leaf.text;
    else if (last === 'Values' && typeof key === 'string') this.#hold(this.#seriesOf(name), key, leaf);
  }

  closed(path: JsonPath): void {
    // A device is over: its Start may have come after its values.
    const at = deviceAt(path);
    if (at >= 0 && path.length === at + 1) this.#emit(String(path[at]));
  }

  finish(): number {
    this.#emit('');
    return this.#records;
  }

  #seriesOf(name: string): HeldSeries {
    if (this.#current?.name !== name) {
      this.#current = this.#series.find(each => each.name === name) ?? { name, unit: '', values: [] };
      if (!this.#series.includes(this.#current)) this.#series.push(this.#current);
    }
    return this.#current;
  }

  #hold(series: HeldSeries, key: string, value: JsonLeaf): void {
    if (!/^-?\d{1,8}$/.test(key)) this.#reject(value, `${quote(key)} is not a number of seconds since Start`);
    else if (this.#held >= heldMax) {
      const says = `of a device at most ${heldMax} values are read: ask for fewer days at once`;
      this.#findings.addOnce(says, value.line, { rule: 'X-1', severity: 'error', says, action: 'rejected' });
    } else {
      this.#held += 1;
      series.values.push({ seconds: Number(key), value });
    }
  }

  #emit(device: string): void {
    const [series, start] = [this.#series, this.#start];
    this.#series = [];
    this.#current = undefined;
    this.#start = undefined;
    this.#held = 0;
    if (series.length === 0) return;
    // A zone-less Start would be a guess, so it has to carry its offset.
    const begin = start && /(Z|[+-]\d\d:?\d\d)$/.test(start.text) ? parseInstant(start.text, 'UTC' as Zone) : undefined;
    if (begin === undefined)
      this.#reject(start ?? series[0]!.values[0]?.value, `${quote(start?.text ?? '')} is not a Start with an offset`);
    else if (this.#meterPoint !== undefined)
      for (const each of series) this.#place(each, begin, this.#meterPoint, device.replace(/^meter:/, ''));
  }

  #place({ name, unit, values }: HeldSeries, begin: Instant, meterPoint: string, serial: string): void {
    const known = channels[name]!;
    if (unit !== 'Wh' && unit !== 'kWh') {
      this.#reject(values[0]?.value, `${quote(unit)} is not a unit of energy`);
      return;
    }
    values.sort((a, b) => a.seconds - b.seconds);
    if (values.some(({ seconds }) => seconds < 0)) {
      const says = 'some values are of before Start: the datalogger may have taken its wall clock for UTC';
      this.#findings.addOnce(says, values[0]!.value.line, {
        rule: 'CSV-6',
        severity: 'warning',
        says,
        action: 'ignored',
      });
    }
    const owner = { meterPoint, serial: known.kind === 'register' ? serial : '' };
    const builder = new RunBuilder(owner, known.channel, run => this.#sink.intervals(run));
    // DailySum gives a day one value, at its beginning; the log gives each interval's energy when it is over, which the meter beside
    // the inverter in published logs confirms: its counter moves with the energy stamped five minutes later.
    const isDaily = values.every(({ seconds }) => seconds % secondsPerDay === 0);
    for (const { seconds, value } of values) {
      const energy = this.#energy(value, unit);
      if (energy === undefined) continue;
      this.#records += 1;
      const at = begin + seconds;
      if (known.kind === 'register') this.#register(at, energy, known.channel, owner, value.line);
      else if (isDaily) builder.push(at, secondsPerDay / 60, energy, actual, value.line);
      else builder.push(at - fiveMinutes * 60, fiveMinutes, energy, actual, value.line);
    }
    builder.flush();
  }

  #register(
    at: number,
    value: number,
    { code, flow }: Channel,
    owner: { meterPoint: string; serial: string },
    line: number,
  ): void {
    this.#sink.registerReading({
      meterPoint: owner.meterPoint,
      meterSerial: owner.serial,
      registerId: code,
      flow,
      at: instant(at),
      value: microKwh(value),
      quality: 'actual',
      ...plainRegisterReading,
      versionAt: instant(0),
      line,
    });
  }

  #energy(value: JsonLeaf, unit: 'Wh' | 'kWh'): number | undefined {
    if (value.text === 'null') return undefined;
    // A datalogger writes 15587.781111111111 Wh; a millionth of a kWh is the finest that is kept.
    const parsed =
      value.kind === 'number'
        ? parseEnergy(/[eE]/.test(value.text) ? Number(value.text) : value.text, unit)
        : undefined;
    if (!parsed?.ok || parsed.microKwh < 0) {
      this.#reject(value, `${quote(value.text)} is not energy in ${unit}`);
      return undefined;
    }
    if (parsed.rounded) {
      const says = 'values have more decimals than a millionth of a kWh and are rounded';
      this.#findings.addOnce(says, value.line, {
        column: value.column,
        rule: 'CSV-4',
        severity: 'warning',
        says,
        action: 'repaired',
      });
    }
    return parsed.microKwh;
  }

  #reject(leaf: JsonLeaf | undefined, says: string): void {
    const { line = 0, column = 1, text = '' } = leaf ?? {};
    this.#findings.add(line, { column, rule: 'CSV-4', severity: 'error', raw: text, says, action: 'rejected' });
  }
}

/** Where on the path the device stands, -1 when there is none. */
function deviceAt(path: JsonPath): number {
  if (path[0] !== 'Body') return -1;
  const at = path[1] === 'Data' ? 2 : 1;
  return /^(inverter|meter)[/:]/.test(String(path[at] ?? '')) ? at : -1;
}
