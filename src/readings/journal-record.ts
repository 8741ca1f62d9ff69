import { assert } from '../kernel/assert.ts';
import { microKwh } from '../units/energy.ts';
import { instant } from '../units/time.ts';
import type { DecidedReading } from './decided-reading.ts';
import { outcomes } from './decided-reading.ts';
import { qualities, qualityCode } from './reading.ts';

const missing = 'n';

/**
 * One decided reading as a journal line: series, instant, value in micro-kWh (n: missing), interval minutes, quality, source, line in the source,
 * version stamp, when it was received (epoch seconds), and what was decided.
 */
export function formatRecord({ seriesId, reading, receivedAt, outcome }: DecidedReading): string {
  const value = Number.isNaN(reading.value) ? missing : reading.value;
  return `v ${seriesId} ${reading.at} ${value} ${reading.minutes} ${qualityCode(reading.quality)} ${reading.source} ${reading.line} ${reading.versionAt} ${receivedAt} ${outcomes.indexOf(outcome)}`;
}

export function parseRecord(line: string): DecidedReading {
  const parts = line.split(' ');
  assert(
    parts.length === 11 && parts[0] === 'v',
    `a journal line is one this version wrote, not "${line.slice(0, 60)}"`,
  );
  const [, seriesId, at, value, minutes, quality, source, sourceLine, versionAt, receivedAt, outcome] = parts;
  return {
    seriesId: Number(seriesId),
    receivedAt: Number(receivedAt),
    outcome: outcomes[Number(outcome)]!,
    reading: {
      at: instant(Number(at)),
      value: microKwh(value === missing ? Number.NaN : Number(value)),
      minutes: Number(minutes),
      quality: qualities[Number(quality)]!,
      source: Number(source),
      line: Number(sourceLine),
      versionAt: Number(versionAt),
    },
  };
}
