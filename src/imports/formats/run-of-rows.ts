import { instant } from '../../units/time.ts';
import type { IntervalChannel, IntervalRun, QualitySpan } from '../format.ts';

const minutesPerDay = 1440;

/** What rows say of themselves, one after the other. */
interface Manner {
  channel: IntervalChannel;
  span: Omit<QualitySpan, 'from' | 'to'>;
  /** Of the quality. */
  code: number;
  versionAt: number;
  waits: boolean;
}

/** Gathers rows of one interval each that follow one another, in the file and in time, into runs of at most a day. */
export class RunOfRows {
  readonly #emit: (run: IntervalRun) => void;
  readonly #energies = new Float64Array(minutesPerDay);
  readonly #codes = new Uint8Array(minutesPerDay);
  #manner: Manner | undefined;
  #spans: QualitySpan[] = [];
  #spanCode = 0;
  #count = 0;
  #most = 1;
  #startsAt = 0;
  #line = 0;
  #nextAt = 0;

  constructor(emit: (run: IntervalRun) => void) {
    this.#emit = emit;
  }

  /** What the next rows have in common; a run has one channel and one version, but its qualities may change. */
  begin(channel: IntervalChannel, span: QualitySpan, code: number, versionAt: number, waits = false): void {
    const manner = this.#manner;
    if (manner?.channel !== channel || manner.versionAt !== versionAt || manner.waits !== waits) this.flush();
    this.#manner = { channel, span, code, versionAt, waits };
    this.#most = Math.max(1, Math.floor(minutesPerDay / channel.lengthMinutes));
  }

  /** `at` in epoch seconds, `energy` in micro-kWh, NaN when it is missing. */
  push(at: number, energy: number, line: number): void {
    const { channel, span, code } = this.#manner!;
    if (this.#count === this.#most || at !== this.#nextAt || line !== this.#line + this.#count) this.flush();
    if (this.#count === 0) [this.#startsAt, this.#line] = [at, line];
    this.#energies[this.#count] = energy;
    this.#codes[this.#count] = code;
    this.#count += 1;
    this.#nextAt = at + channel.lengthMinutes * 60;
    const last = this.#spans.at(-1);
    // Two qualities may have one flag: MDFF has no letter for a deemed value.
    if (last && code === this.#spanCode && isSame(last, span)) last.to = this.#count;
    else this.#spans.push({ ...span, from: this.#count - 1, to: this.#count });
    this.#spanCode = code;
  }

  flush(): void {
    const [count, spans] = [this.#count, this.#spans];
    [this.#count, this.#spans] = [0, []];
    if (count === 0) return;
    const { channel, versionAt, waits } = this.#manner!;
    this.#emit({
      channel,
      startsAt: instant(this.#startsAt),
      energies: this.#energies.slice(0, count),
      qualities: this.#codes.slice(0, count),
      spans,
      versionAt: instant(versionAt),
      line: this.#line,
      lineStep: 1,
      ...(waits && { waits }),
    });
  }
}

function isSame(a: Manner['span'], b: Manner['span']): boolean {
  return (
    a === b ||
    (a.flag === b.flag && a.method === b.method && a.reasonCode === b.reasonCode && a.reasonText === b.reasonText)
  );
}
