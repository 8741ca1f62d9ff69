import type { MeterPoint, SeriesKind } from '../accounts/meter-point.ts';
import type { MeterPointStore, NewSeries } from '../accounts/meter-point-store.ts';
import type { Clock } from '../kernel/clock.ts';
import { instantOfMs, minuteOfDay, type Zone } from '../units/time.ts';
import { type Books, type DecideDeps, type Decision, decide } from './decide.ts';
import type { IngestTally } from './ingest-tally.ts';
import { isRejection, judge, type RejectionCode } from './judge.ts';
import type { PlainReading } from './plain-reading.ts';
import type { Reading } from './reading.ts';
import { isIntervalEnergy, type ParsedValue, parseInput, type ReadingInput } from './reading-input.ts';
import { resolveSeries } from './resolve-series.ts';

/** What a verdict needs. */
export interface JudgeDeps extends Books {
  meterPoints: Pick<MeterPointStore, 'find' | 'listSeries' | 'findSeries' | 'addSeries'>;
  clock: Clock;
}

export interface PostDeps extends DecideDeps {
  meterPoints: MeterPointStore;
  clock: Clock;
  tally: IngestTally;
}

type Rejected = { verdict: 'rejected'; code: ItemRejectionCode; pointer: string; message: string };

export type ItemVerdict =
  | { verdict: 'accepted' }
  | { verdict: 'duplicate' }
  | { verdict: 'conflict'; existing: Reading }
  | Rejected;

/** A reading as it was sent, one that is in units already, or one that was found wrong before its meter was looked up. */
export type BatchItem = ReadingInput | PlainReading | Rejected;

export type ItemRejectionCode =
  | RejectionCode
  | Extract<ParsedValue, { ok: false }>['code']
  | 'body-malformed'
  | 'body-invalid'
  | 'meter-point-unknown'
  | 'series-unknown'
  | 'reading-off-the-grid';

/**
 * The one door for readings that come one by one: each is resolved, judged and, if it is to be kept, journalled and indexed in the
 * same tick. Resolves, one verdict per item, when everything kept is on disk. Rejects only when the journal has failed.
 */
export async function postReadings(
  deps: PostDeps,
  items: readonly BatchItem[],
  source: number,
): Promise<ItemVerdict[]> {
  const now = instantOfMs(deps.clock.now());
  const verdicts = items.map(item => postItem(deps, item, source, now));
  for (const { verdict } of verdicts) deps.tally[verdict] += 1;
  await deps.journal.durable();
  return verdicts;
}

/** One item: judged and, if it is to be kept, kept, in this tick. */
export function postItem(
  deps: JudgeDeps,
  item: BatchItem,
  source: number,
  now = instantOfMs(deps.clock.now()),
): ItemVerdict {
  if ('verdict' in item) return item;
  const meterPoint = deps.meterPoints.find(item.meterPoint);
  if (!meterPoint)
    return rejected('meter-point-unknown', '/meterPoint', `meter point ${item.meterPoint} is not registered`);
  const plain = 'kind' in item ? item : plainOf(item, meterPoint.zone);
  if ('verdict' in plain) return plain;
  const { kind, code, at } = plain;
  const series = resolveSeries(deps.meterPoints, meterPoint, kind, code);
  if ('unknown' in series) return rejected('series-unknown', `/${kind}`, series.unknown);
  if (kind === 'channel' && !isOnGrid(at, series.intervalMinutes, meterPoint)) {
    return rejected(
      'reading-off-the-grid',
      '/start',
      `channel ${series.code} has intervals of ${series.intervalMinutes} minutes counted from midnight`,
    );
  }
  const reading: Reading = {
    at,
    value: plain.value,
    minutes: kind === 'channel' ? series.intervalMinutes : 0,
    quality: plain.quality,
    source,
    line: 0,
    versionAt: 0,
  };
  const decision = 'id' in series ? decide(deps, series, reading, now) : decideFirst(deps, series, reading, now);
  return verdictOf(decision, kind);
}

function plainOf(input: ReadingInput, zone: Zone): PlainReading | Rejected {
  const parsed = parseInput(input, zone);
  if (!parsed.ok) return rejected(parsed.code, parsed.pointer, parsed.message);
  const { at, value, quality } = parsed;
  const { meterPoint } = input;
  return isIntervalEnergy(input)
    ? { meterPoint, kind: 'channel', code: input.channel, at, value, quality }
    : { meterPoint, kind: 'register', code: input.register, at, value, quality };
}

/** A register or channel is made by the first reading that is kept, never by one that is refused. */
function decideFirst(deps: JudgeDeps, series: NewSeries, reading: Reading, now: number): Decision {
  const alone = { kind: series.kind, existing: undefined, before: undefined, after: undefined };
  const outcome = judge(reading, alone, now);
  if (isRejection(outcome)) return { outcome, against: undefined };
  return decide(deps, deps.meterPoints.addSeries(series, now), reading, now);
}

const accepted = { verdict: 'accepted' } as const;
const duplicate = { verdict: 'duplicate' } as const;

function verdictOf({ outcome, against }: Decision, kind: SeriesKind): ItemVerdict {
  const pointer = kind === 'register' ? '/at' : '/start';
  switch (outcome) {
    case 'accepted':
    case 'revised':
      return accepted;
    case 'duplicate':
    case 'confirmed':
      return duplicate;
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

function rejected(code: ItemRejectionCode, pointer: string, message: string): Rejected {
  return { verdict: 'rejected', code, pointer, message };
}

function isOnGrid(at: Reading['at'], intervalMinutes: number, { zone }: MeterPoint): boolean {
  return at % 60 === 0 && minuteOfDay(at, zone) % intervalMinutes === 0;
}
