import type { Series } from '../../accounts/meter-point.ts';
import type { Quality, Reading } from '../../readings/reading.ts';
import { formatKwh } from '../../units/energy.ts';
import { isMpan } from '../../units/identifiers.ts';
import { type Day, formatWallClock, type Instant, instant, instantOfWallClock, type Zone } from '../../units/time.ts';
import { type ExportedPoint, type ExportFormat, type Selection, unfit, unfitReading } from '../export-format.ts';
import { readingsOf } from '../readings-of.ts';

const london = 'Europe/London' as Zone;

/** J0171; a quality that no reading type means is refused. */
const readingTypes: Partial<Record<Quality, string>> = {
  actual: 'R',
  customer: 'C',
  deemed: 'D',
  estimated: 'M',
  substituted: 'Q',
};

/** Registers as D0010: a wrapper for each run of readings of one version, because the wrapper's time is what a reading's version is. */
export const d0010: ExportFormat = {
  name: 'd0010',
  title: 'D0010 (registers)',
  contentType: 'text/plain; charset=utf-8',
  fileName: ({ createdAt }) => `D0010_${londonStamp(createdAt) ?? createdAt}.uff`,
  takes: ({ kind }) => kind === 'register',
  *write(selection) {
    const file = new Wrappers();
    for (const point of selection.points) {
      for (const series of point.series) yield* writeRegister(file, selection, point, series);
    }
    yield file.close();
  },
};

function* writeRegister(file: Wrappers, selection: Selection, point: ExportedPoint, series: Series): Generator<string> {
  const { identifier } = point.meterPoint;
  const { code, serial, unit } = series;
  const says =
    (!isMpan(identifier) && `${identifier} is no MPAN`) ||
    (!isField(serial) && 'the register has no meter that can be named') ||
    (!isField(code) && `the register id "${code}"`) ||
    (unit !== 'kWh' && `the unit "${unit}"`);
  if (says) throw unfit('D0010', point, series, says);
  for (const reading of readingsOf(selection, series)) {
    const refuse = (why: string) => unfitReading('D0010', point, series, reading, why);
    const type = readingTypes[reading.quality];
    if (type === undefined) throw refuse(`is of quality ${reading.quality}`);
    const [at, version] = [londonStamp(reading.at), londonStamp(instant(reading.versionAt))];
    if (at === undefined) throw refuse('is in an hour that the clock of London shows twice');
    if (version === undefined) throw refuse('has a version in an hour that the clock of London shows twice');
    if (!(reading.value >= 0 && reading.value < 1e15 && reading.value % 1000 === 0))
      throw refuse(`is ${formatKwh(reading.value)}, not at most nine digits and three decimals`);
    yield file.add(version, [
      `026|${identifier}|V|`,
      `028|${serial}|${type}|`,
      `030|${code}|${at}|${shownValue(reading)}|||T|N|`,
    ]);
  }
}

function isField(text: string): boolean {
  return text !== '' && text.trim() === text && !/[|\r\n]/.test(text);
}

/** With the one decimal of J0040, more where there are more (D10-14). */
function shownValue({ value }: Reading): string {
  return formatKwh(value, 1);
}

/** The clock of London, undefined where it does not lead back to the instant: in October's second hour, and one second before midnight. */
function londonStamp(at: Instant): string | undefined {
  const wall = formatWallClock(at, london);
  const [hour, minute, second] = wall.slice(11).split(':').map(Number) as [number, number, number];
  const back = instantOfWallClock(wall.slice(0, 10) as Day, hour, minute, second, london);
  return back === at && !wall.endsWith('23:59:59') ? wall.replaceAll(/[-T:]/g, '') : undefined;
}

/** ZHV … ZPT after ZHV … ZPT; groups are written when they change. */
class Wrappers {
  #number = 0;
  #version: string | undefined;
  #groups = 0;
  #flows = 0;
  #meterPoint = '';
  #meter = '';

  /** The lines a reading needs, with the wrapper's ends where its version is another one. */
  add(version: string, [meterPoint, meter, reading]: [string, string, string]): string {
    let text = '';
    if (version !== this.#version) {
      text += this.#version === undefined ? '' : this.close();
      text += this.#open(version);
    }
    if (meterPoint !== this.#meterPoint) {
      [this.#meterPoint, this.#meter] = [meterPoint, ''];
      this.#flows += 1;
      text += this.#line(meterPoint);
    }
    if (meter !== this.#meter) {
      this.#meter = meter;
      text += this.#line(meter);
    }
    return text + this.#line(reading);
  }

  close(): string {
    if (this.#version === undefined) return '';
    const trailer = `ZPT|${this.#fileId}|${this.#groups}||${this.#flows}|${this.#version}|\r\n`;
    this.#version = undefined;
    return trailer;
  }

  #open(version: string): string {
    this.#number += 1;
    [this.#version, this.#groups, this.#flows, this.#meterPoint, this.#meter] = [version, 0, 0, '', ''];
    return `ZHV|${this.#fileId}|D0010002|D|WLGR|X|WLGR|${version}||||OPER|\r\n`;
  }

  #line(text: string): string {
    this.#groups += 1;
    return `${text}\r\n`;
  }

  get #fileId(): string {
    return String(this.#number).padStart(10, '0');
  }
}
