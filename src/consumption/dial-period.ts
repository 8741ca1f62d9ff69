import { one } from '../accounts/register-map.ts';
import { rangeOfDial } from '../readings/dial.ts';
import { formatKwh, type MicroKwh, microKwh } from '../units/energy.ts';
import type { Instant, Period } from '../units/time.ts';
import type { SeriesEnergy } from './consumption.ts';
import { dialBetween } from './count-register.ts';
import type { AdvancePart, DialReading } from './register-advance.ts';

/** What a register showed at the ends of a period, read or estimated, and how its energy comes of it. */
export interface DialPeriod {
  start: DialReading | undefined;
  end: DialReading | undefined;
  multiplierMicro: number;
  digits: number | undefined;
  /** "(20 − 99990 + 100000) × 40", one bracket per dial; '' when the dial alone says it. */
  arithmetic: string;
}

/** One dial's part of the period, whatever number of readings were taken on it. */
interface Stretch {
  startValue: MicroKwh;
  endValue: MicroKwh;
  endAt: Instant;
  turns: number;
  multiplierMicro: number;
  digits: number | undefined;
}

/** undefined for channels, and where no two readings reach into the period. */
export function dialPeriod(
  { series, startReading, endReading, advances }: SeriesEnergy,
  period: Period,
): DialPeriod | undefined {
  if (series.kind === 'channel' || !advances) return undefined;
  const reaching = advances().filter(({ from, to }) => from.at < period.to && to.at > period.from);
  const stretches = stretchesOf(reaching.flatMap(({ parts }) => parts.flatMap(part => clip(part, period) ?? [])));
  const last = stretches.at(-1);
  if (!last) return undefined;
  const at = (instant: Instant) =>
    reaching.map(advance => dialBetween(advance, instant)).find(shown => shown !== undefined);
  return {
    start: startReading ?? at(period.from),
    end: endReading ?? at(period.to),
    multiplierMicro: last.multiplierMicro,
    digits: last.digits,
    arithmetic: series.map ? stretches.map(wordsOf).join(' + ') : '',
  };
}

/** The part of it that lies in the period, between values on the straight line. */
function clip(part: AdvancePart, { from, to }: Period): AdvancePart | undefined {
  const [startAt, endAt] = [Math.max(part.startAt, from) as Instant, Math.min(part.endAt, to) as Instant];
  if (endAt <= startAt) return undefined;
  const [start, end] = [startAt, endAt].map(at => dialBetween({ parts: [part] }, at)!.value) as [MicroKwh, MicroKwh];
  return { ...part, startAt, endAt, startValue: start, endValue: end, rolledOver: end < start };
}

/** Parts that follow each other on one dial are one difference. */
function stretchesOf(parts: readonly AdvancePart[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { startAt, endAt, startValue, endValue, rolledOver, multiplierMicro, digits } of parts) {
    const last = stretches.at(-1);
    const turns = rolledOver ? 1 : 0;
    if (
      last?.endAt === startAt &&
      last.endValue === startValue &&
      last.multiplierMicro === multiplierMicro &&
      last.digits === digits
    )
      Object.assign(last, { endAt, endValue, turns: last.turns + turns });
    else stretches.push({ startValue, endValue, endAt, turns, multiplierMicro, digits });
  }
  return stretches;
}

function wordsOf({ startValue, endValue, turns, multiplierMicro, digits }: Stretch): string {
  const across =
    digits === undefined || turns === 0 ? '' : ` + ${turns > 1 ? `${turns} × ` : ''}${formatKwh(rangeOfDial(digits))}`;
  const times = multiplierMicro === one ? '' : ` × ${formatKwh(microKwh(multiplierMicro))}`;
  return `(${formatKwh(endValue)} − ${formatKwh(startValue)}${across})${times}`;
}
