import { microKwh } from '../units/energy.ts';
import { instant } from '../units/time.ts';
import type { DecidedReading, ReadingRun } from './decided-reading.ts';
import { qualities, type Reading } from './reading.ts';

/** Reading `at` of a run. */
export function readingOf(run: ReadingRun, at: number): Reading {
  const { startsAt, minutes, values, source, line, lineStep, versionAt } = run;
  return {
    at: instant(startsAt + at * minutes * 60),
    value: microKwh(values[at]!),
    minutes,
    quality: qualities[run.qualities[at]!]!,
    source,
    line: line + at * lineStep,
    versionAt,
  };
}

/** The readings of a run that was accepted, one by one. */
export function* acceptedReadings(run: ReadingRun, receivedAt: number): Generator<DecidedReading> {
  for (let at = 0; at < run.values.length; at++)
    yield { seriesId: run.seriesId, reading: readingOf(run, at), receivedAt, outcome: 'accepted' };
}
