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

let last: { run: ReadingRun; pieces: readonly RunPiece[] } | undefined;

/** One or two of a day, mostly; whoever takes a run asks twice, to look and to leap. */
export function runPieces(run: ReadingRun): readonly RunPiece[] {
  if (last?.run !== run) last = { run, pieces: piecesOf(run) };
  return last.pieces;
}

// An array, because a generator for each of a million days is a kilobyte each.
function piecesOf({ startsAt, minutes, values }: ReadingRun): RunPiece[] {
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
