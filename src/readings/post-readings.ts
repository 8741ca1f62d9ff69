import type { MeterPoint, SeriesKind } from '../accounts/meter-point.ts';
import type { MeterPointStore, NewSeries } from '../accounts/meter-point-store.ts';
import type { Clock } from '../kernel/clock.ts';
import { instantOfMs, minuteOfDay } from '../units/time.ts';
import { type DecideDeps, type Decision, decide } from './decide.ts';
import type { IngestTally } from './ingest-tally.ts';
import { isRejection, judge, type RejectionCode } from './judge.ts';
import type { Reading } from './reading.ts';
import { isIntervalEnergy, type ParsedValue, parseInput, type ReadingInput } from './reading-input.ts';
import { resolveSeries } from './resolve-series.ts';

export interface PostDeps extends DecideDeps {
  meterPoints: MeterPointStore;
  tally: IngestTally;
  clock: Clock;
}

export type ItemVerdict =
  | { verdict: 'accepted' }
  | { verdict: 'duplicate' }
  | { verdict: 'conflict'; existing: Reading }
  | { verdict: 'rejected'; code: ItemRejectionCode; pointer: string; message: string };

export type ItemRejectionCode =
  | RejectionCode
  | Extract<ParsedValue, { ok: false }>['code']
  | 'meter-point-unknown'
  | 'series-unknown'
  | 'reading-off-the-grid';

/**
 * The one door for readings that come one by one: each is resolved, judged and, if it is to be kept, journalled and indexed in the
 * same tick. Resolves, one verdict per item, when everything kept is on disk. Rejects only when the journal has failed.
 */
export async function postReadings(
  deps: PostDeps,
  items: readonly ReadingInput[],
  source: number,
): Promise<ItemVerdict[]> {
  const verdicts = items.map(item => postOne(deps, item, source));
  for (const { verdict } of verdicts) deps.tally[verdict] += 1;
  await deps.journal.durable();
  return verdicts;
}

function postOne(deps: PostDeps, item: ReadingInput, source: number): ItemVerdict {
  const now = instantOfMs(deps.clock.now());
  const meterPoint = deps.meterPoints.find(item.meterPoint);
  if (!meterPoint)
    return rejected('meter-point-unknown', '/meterPoint', `meter point ${item.meterPoint} is not registered`);
  const parsed = parseInput(item, meterPoint.zone);
  if (!parsed.ok) return rejected(parsed.code, parsed.pointer, parsed.message);
  const kind = isIntervalEnergy(item) ? 'channel' : 'register';
  const code = isIntervalEnergy(item) ? item.channel : item.register;
  const series = resolveSeries(deps.meterPoints, meterPoint, kind, code);
  if ('unknown' in series) return rejected('series-unknown', `/${kind}`, series.unknown);
  if (kind === 'channel' && !isOnGrid(parsed.at, series.intervalMinutes, meterPoint)) {
    return rejected(
      'reading-off-the-grid',
      '/start',
      `channel ${series.code} has intervals of ${series.intervalMinutes} minutes counted from midnight`,
    );
  }
  const reading: Reading = {
    at: parsed.at,
    value: parsed.value,
    minutes: kind === 'channel' ? series.intervalMinutes : 0,
    quality: parsed.quality,
    source,
    line: 0,
    versionAt: 0,
  };
  const decision = 'id' in series ? decide(deps, series, reading, now) : decideFirst(deps, series, reading, now);
  return verdictOf(decision, kind);
}

/** A register or channel is made by the first reading that is kept, never by one that is refused. */
function decideFirst(deps: PostDeps, series: NewSeries, reading: Reading, now: number): Decision {
  const alone = { kind: series.kind, existing: undefined, before: undefined, after: undefined };
  const outcome = judge(reading, alone, now);
  if (isRejection(outcome)) return { outcome, against: undefined };
  return decide(deps, deps.meterPoints.addSeries(series, now), reading, now);
}

function verdictOf({ outcome, against }: Decision, kind: SeriesKind): ItemVerdict {
  const pointer = kind === 'register' ? '/at' : '/start';
  switch (outcome) {
    case 'accepted':
    case 'revised':
      return { verdict: 'accepted' };
    case 'duplicate':
    case 'confirmed':
      return { verdict: 'duplicate' };
    case 'conflict':
    case 'older':
      return { verdict: 'conflict', existing: against! };
    case 'reading-before-1970':
      return rejected(outcome, pointer, 'this is before 1970: is the clock of the meter right?');
    case 'reading-from-the-future':
      return rejected(outcome, pointer, 'this is later than now: is the clock of the meter right?');
    case 'reading-goes-backwards':
      return rejected(
        outcome,
        '/value',
        'a register never counts down: an earlier reading is higher, or a later one is lower',
      );
  }
}

function rejected(code: ItemRejectionCode, pointer: string, message: string): ItemVerdict {
  return { verdict: 'rejected', code, pointer, message };
}

function isOnGrid(at: Reading['at'], intervalMinutes: number, { zone }: MeterPoint): boolean {
  return at % 60 === 0 && minuteOfDay(at, zone) % intervalMinutes === 0;
}
