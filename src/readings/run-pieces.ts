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

/** One or two of a day, mostly. An array, because a generator for each of a million days is a kilobyte each. */
export function runPieces({ startsAt, minutes, values }: ReadingRun): RunPiece[] {
  const pieces: RunPiece[] = [];
  const step = minutes * 60;
  for (let from = 0; from < values.length; ) {
    const at = startsAt + from * step;
    const day = Math.floor(at / secondsPerDay);
    const offset = at - day * secondsPerDay;
    const to = Math.min(values.length, from + Math.ceil((secondsPerDay - offset) / step));
    pieces.push({ day, offset, step, from, to });
    from = to;
  }
  return pieces;
}
