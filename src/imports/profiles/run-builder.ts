import { qualities, qualityCode } from '../../readings/reading.ts';
import { instant } from '../../units/time.ts';
import type { ChannelRole, IntervalChannel, IntervalRun, QualitySpan } from '../format.ts';
import type { Channel } from './profile.ts';

const secondsPerMinute = 60;
const minutesPerDay = 1440;
const missingCode = qualityCode('missing');
const flags = qualities.map(
  quality => ({ actual: 'A', final: 'F', substituted: 'S', missing: 'N' })[quality as string] ?? 'E',
);

/** What a channel's interval data belong to. */
export interface ChannelOwner {
  meterPoint: string;
  serial: string;
}

/** Gathers consecutive intervals of one channel into runs of at most a day, whether the rows go forward or backward in time (CSV-9). */
export class RunBuilder {
  readonly #emit: (run: IntervalRun) => void;
  readonly #owner: ChannelOwner;
  readonly #channel: Channel;
  #described: IntervalChannel | undefined;
  #minutes = 0;
  #energies = new Float64Array(0);
  #codes = new Uint8Array(0);
  #count = 0;
  #start = 0;
  #stepSeconds = 0;
  #line = 0;
  #lineStep = 0;

  constructor(owner: ChannelOwner, channel: Channel, emit: (run: IntervalRun) => void) {
    this.#owner = owner;
    this.#channel = channel;
    this.#emit = emit;
  }

  /** `energy` in micro-kWh, NaN for none; `code` of the quality; `at` in epoch seconds where the interval begins. */
  push(at: number, minutes: number, energy: number, code: number, line: number): void {
    if (this.#count > 0 && !this.#continues(at, minutes, line)) this.flush();
    if (this.#count === 0) this.#begin(at, minutes, line);
    this.#energies[this.#count] = energy;
    this.#codes[this.#count] = Number.isNaN(energy) ? missingCode : code;
    this.#count += 1;
    if (this.#count === this.#energies.length) this.flush();
  }

  flush(): void {
    if (this.#count === 0) return;
    const count = this.#count;
    this.#count = 0;
    const energies = this.#energies.slice(0, count);
    const codes = this.#codes.slice(0, count);
    const backward = this.#stepSeconds < 0;
    if (backward) {
      energies.reverse();
      codes.reverse();
    }
    const last = count - 1;
    this.#emit({
      channel: this.#describe(),
      startsAt: instant(backward ? this.#start + last * this.#stepSeconds : this.#start),
      energies,
      qualities: codes,
      spans: spansOf(codes),
      versionAt: instant(0),
      line: backward ? this.#line + last * this.#lineStep : this.#line,
      lineStep: backward ? -this.#lineStep : this.#lineStep,
    });
  }

  #continues(at: number, minutes: number, line: number): boolean {
    if (minutes !== this.#minutes) return false;
    if (this.#count === 1) {
      const step = at - this.#start;
      if (Math.abs(step) !== minutes * secondsPerMinute) return false;
      this.#stepSeconds = step;
      this.#lineStep = line - this.#line;
      return true;
    }
    return at === this.#start + this.#count * this.#stepSeconds && line === this.#line + this.#count * this.#lineStep;
  }

  #begin(at: number, minutes: number, line: number): void {
    if (minutes !== this.#minutes) {
      this.#minutes = minutes;
      this.#described = undefined;
      const capacity = Math.max(1, Math.floor(minutesPerDay / minutes));
      this.#energies = new Float64Array(capacity);
      this.#codes = new Uint8Array(capacity);
    }
    this.#start = at;
    this.#stepSeconds = 0;
    this.#line = line;
    this.#lineStep = 0;
  }

  #describe(): IntervalChannel {
    this.#described ??= {
      meterPoint: this.#owner.meterPoint,
      nmiConfiguration: '',
      suffix: this.#channel.code,
      role: roles[this.#channel.flow],
      registerId: '',
      meterSerial: this.#owner.serial,
      unit: 'kWh',
      isEnergy: true,
      lengthMinutes: this.#minutes,
      line: this.#line,
    };
    return this.#described;
  }
}

const roles: Record<Channel['flow'], ChannelRole> = {
  'from-grid': 'from-grid',
  'to-grid': 'to-grid',
  'from-solar': 'from-solar',
  none: 'other',
};

function spansOf(codes: Uint8Array): QualitySpan[] {
  const spans: QualitySpan[] = [];
  for (let from = 0; from < codes.length; ) {
    let to = from + 1;
    while (to < codes.length && codes[to] === codes[from]) to += 1;
    spans.push({ from, to, flag: flags[codes[from]!]!, method: '', reasonCode: '', reasonText: '' });
    from = to;
  }
  return spans;
}
