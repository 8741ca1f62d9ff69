import { secondsPerDay } from '../units/time.ts';
import { DayBlock } from './day-block.ts';

/** A day of the month, 0 is the first, and its block. */
export interface DayOfMonth {
  day: number;
  block: DayBlock;
}

/** The readings of one series in one UTC month. They are to be read: months share memory with each other, and with their days. */
export class MonthBlock {
  /** All of them, one after the other; `offset` counts from the beginning of the month. */
  readonly all: DayBlock;
  /** Days that have readings, 0 is the first. */
  readonly #numbers: readonly number[];
  /** Of the readings of each of them, from its own beginning. */
  readonly #offsets: readonly Uint32Array[];
  #days: readonly DayOfMonth[] | undefined;

  constructor(
    numbers: readonly number[],
    offsets: readonly Uint32Array[],
    value: Float64Array,
    origin: Uint32Array,
    since: Uint32Array,
  ) {
    this.#numbers = numbers;
    this.#offsets = offsets;
    this.all = DayBlock.over(value, spread(numbers, offsets, value.length), origin, since);
  }

  /** Cut when they are first asked for: most who read a month read on from one day to the next. `copy` a block that is to stay. */
  get days(): readonly DayOfMonth[] {
    this.#days ??= this.#cut();
    return this.#days;
  }

  #cut(): DayOfMonth[] {
    const { value, origin, since } = this.all;
    let start = 0;
    return this.#offsets.map((offset, i) => {
      const end = start + offset.length;
      const [values, origins, sinces] = [
        value.subarray(start, end),
        origin.subarray(start, end),
        since.subarray(start, end),
      ];
      start = end;
      return { day: this.#numbers[i]!, block: DayBlock.over(values, offset, origins, sinces) };
    });
  }
}

// Whole fleets send on the same days at the same times: their months share these.
let last: { numbers: readonly number[]; day: Uint32Array; month: Uint32Array } | undefined;

/** Offsets of days as offsets of the month. */
function spread(numbers: readonly number[], offsets: readonly Uint32Array[], count: number): Uint32Array {
  const [day] = offsets;
  const isGrid = day !== undefined && offsets.every(each => each === day);
  if (isGrid && last?.day === day && areSame(last.numbers, numbers)) return last.month;
  const month = new Uint32Array(count);
  let start = 0;
  offsets.forEach((offset, i) => {
    const from = numbers[i]! * secondsPerDay;
    for (let at = 0; at < offset.length; at++) month[start + at] = from + offset[at]!;
    start += offset.length;
  });
  if (isGrid) last = { numbers, day, month };
  return month;
}

function areSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
