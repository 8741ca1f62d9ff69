import { secondsPerDay } from '../units/time.ts';
import type { DayNumber } from './day-number.ts';
import type { ReadingRun } from './decided-reading.ts';

/** The part of a run that begins on one UTC day: readings [from, to), the first of them `offset` seconds into the day. */
export interface RunPiece {
  day: DayNumber;
  offset: number;
  step: number;
  from: number;
  to: number;
}

export function* runPieces({ startsAt, minutes, values }: ReadingRun): Generator<RunPiece> {
  const step = minutes * 60;
  for (let from = 0; from < values.length; ) {
    const at = startsAt + from * step;
    const day = Math.floor(at / secondsPerDay);
    const offset = at - day * secondsPerDay;
    const to = Math.min(values.length, from + Math.ceil((secondsPerDay - offset) / step));
    yield { day, offset, step, from, to };
    from = to;
  }
}
