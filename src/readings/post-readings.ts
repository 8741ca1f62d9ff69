import type { MeterPoint, SeriesKind } from '../accounts/meter-point.ts';
import type { MeterPointStore, NewSeries } from '../accounts/meter-point-store.ts';
import type { Clock } from '../kernel/clock.ts';
import { instantOfMs, minuteOfDay, type Zone } from '../units/time.ts';
import { type Books, type DecideDeps, type Decision, decide, ruleOfRejection } from './decide.ts';
import type { IngestTally } from './ingest-tally.ts';
import { isRejection, judge, type RejectionCode } from './judge.ts';
import type { PlainReading } from './plain-reading.ts';
import type { QuarantineStore } from './quarantine-store.ts';
import { quarantinedItem } from './quarantined-reading.ts';
import type { Reading } from './reading.ts';
import { isIntervalEnergy, type ParsedValue, parseInput, type ReadingInput } from './reading-input.ts';
import { resolveSeries } from './resolve-series.ts';
import { type FlagRule, type RuleName, rules, severityOf } from './rules.ts';

/** What a verdict needs. */
export interface JudgeDeps extends Books {
  meterPoints: Pick<MeterPointStore, 'find' | 'listSeries' | 'findSeries' | 'addSeries'>;
  clock: Clock;
  /** Absent: nothing can be put aside, and what was to be is rejected. */
  quarantine?: Pick<QuarantineStore, 'putAside'>;
}

export interface PostDeps extends DecideDeps {
  meterPoints: MeterPointStore;
  clock: Clock;
  tally: IngestTally;
}

interface Why {
  code: ItemCode;
  pointer: string;
  message: string;
}

type Rejected = { verdict: 'rejected' } & Why;

/** Acknowledged and put aside: nobody counts it before it is let in. */
type Quarantined = { verdict: 'quarantined' } & Why;

/** What a rule that speaks says. */
export type Objection = { rule: RuleName } & Why;

/** Kept, and a rule noted something at it. */
export type Flagged = { verdict: 'accepted'; flags: readonly FlagRule[] } & Why;

export type ItemVerdict =
  | { verdict: 'accepted'; flags?: undefined }
  | Flagged
  | { verdict: 'duplicate' }
  | { verdict: 'conflict'; existing: Reading }
  | Quarantined
  | Rejected;

/** What a sender has to be told of an item of many: anything but that it was plainly accepted. */
export type Notable = Exclude<ItemVerdict, { verdict: 'accepted' }> | Flagged;

/** A reading as it was sent, one that is in units already, or one that was found wrong before its meter was looked up. */
export type BatchItem = ReadingInput | PlainReading | Rejected;

export type ItemCode =
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
  const decided = decideItem(deps, item, source, now);
  return 'rule' in decided ? putAside(deps, item, source, now, decided) : decided;
}

/** What becomes of a reading against which a rule objects. */
function putAside(
  { rules, quarantine, journal }: JudgeDeps,
  item: Exclude<BatchItem, Rejected>,
  source: number,
  receivedAt: number,
  { rule, ...why }: Objection,
): Quarantined | Rejected {
  if (!quarantine || severityOf(rule, rules) !== 'quarantine') return { verdict: 'rejected', ...why };
  quarantine.putAside(journal, { receivedAt, source, line: 0, rule, item: quarantinedItem(item) });
  return { verdict: 'quarantined', ...why };
}

/** What becomes of an item, or which rule is to say: nothing is put aside here. */
export function decideItem(
  deps: JudgeDeps,
  item: Exclude<BatchItem, Rejected>,
  source: number,
  now: number,
): ItemVerdict | Objection {
  const meterPoint = deps.meterPoints.find(item.meterPoint);
  if (!meterPoint) {
    const message = `meter point ${item.meterPoint} is not registered`;
    return { rule: 'meter-point-unknown', code: 'meter-point-unknown', pointer: '/meterPoint', message };
  }
  const read = 'kind' in item ? { plain: item, noticed: nothing } : plainOf(deps, item, meterPoint.zone);
  if ('rule' in read) return read;
  const { plain, noticed } = read;
  const { kind, code, at } = plain;
  const series = resolveSeries(deps.meterPoints, meterPoint, kind, code);
  if ('unknown' in series) {
    return { rule: 'series-unknown', code: 'series-unknown', pointer: `/${kind}`, message: series.unknown };
  }
  if (kind === 'channel' && !isOnGrid(at, series.intervalMinutes, meterPoint)) {
    const message = `channel ${series.code} has intervals of ${series.intervalMinutes} minutes counted from midnight`;
    return { rule: 'off-the-grid', code: 'reading-off-the-grid', pointer: '/start', message };
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
  const decision =
    'id' in series ? decide(deps, series, reading, now, { noticed }) : decideFirst(deps, series, reading, now, noticed);
  return verdictOf(decision, kind);
}

const nothing: readonly FlagRule[] = [];

function plainOf(
  { rules }: JudgeDeps,
  input: ReadingInput,
  zone: Zone,
): { plain: PlainReading; noticed: readonly FlagRule[] } | Objection {
  const parsed = parseInput(input, zone, rules);
  if (!parsed.ok) {
    const { rule, code, pointer, message } = parsed;
    return { rule, code, pointer, message };
  }
  const { at, value, quality, noticed } = parsed;
  const { meterPoint } = input;
  const plain: PlainReading = isIntervalEnergy(input)
    ? { meterPoint, kind: 'channel', code: input.channel, at, value, quality }
    : { meterPoint, kind: 'register', code: input.register, at, value, quality };
  return { plain, noticed };
}

/** A register or channel is made by the first reading that is kept, never by one that is refused. */
export function decideFirst(
  deps: Pick<JudgeDeps, 'meterPoints'> & Books,
  series: NewSeries,
  reading: Reading,
  now: number,
  noticed: readonly FlagRule[],
): Decision {
  const alone = { kind: series.kind, existing: undefined, before: undefined, after: undefined };
  const outcome = judge(reading, alone, now);
  if (isRejection(outcome)) return { outcome, against: undefined, rule: ruleOfRejection[outcome] };
  return decide(deps, deps.meterPoints.addSeries(series, now), reading, now, { noticed });
}

const accepted = { verdict: 'accepted' } as const;
export const duplicate = { verdict: 'duplicate' } as const;

/** What the sender is told of a decision, or which rule is to say what becomes of the reading. */
export function verdictOf({ outcome, against, rule, flags }: Decision, kind: SeriesKind): ItemVerdict | Objection {
  switch (outcome) {
    case 'accepted':
    case 'revised':
      return flags ? flagged(flags, kind) : accepted;
    case 'duplicate':
    case 'confirmed':
      return duplicate;
    case 'conflict':
    case 'older':
      return { verdict: 'conflict', existing: against! };
    default: {
      const isTime = outcome === 'reading-before-1970' || outcome === 'reading-from-the-future';
      const [time, value] = kind === 'register' ? ['/at', '/value'] : ['/start', '/energy'];
      return { rule: rule!, code: outcome, pointer: (isTime ? time : value)!, message: rejectionWords[outcome] };
    }
  }
}

function flagged(flags: readonly FlagRule[], kind: SeriesKind): Flagged {
  const pointer = kind === 'register' ? '/value' : '/energy';
  const message = flags.map(rule => rules[rule].says).join('; ');
  return { verdict: 'accepted', flags, code: rules[flags[0]!].code, pointer, message };
}

const rejectionWords: Record<RejectionCode, string> = {
  'reading-before-1970': 'this is before 1970: is the clock of the meter right?',
  'reading-from-the-future': 'this is later than now: is the clock of the meter right?',
  'reading-goes-backwards': 'a register never counts down: an earlier reading is higher, or a later one is lower',
  'reading-beyond-exchange':
    'this is above what the meter showed last at its exchange, or below what the new one showed first',
  'reading-rollover': 'the register began again at zero',
  'reading-exchange': 'this is the first value since the meter was exchanged',
  'reading-spike': 'this is far above what the channel usually measures',
};

/** Whether an interval of a meter point may begin then: a whole number of them after its local midnight. */
export function isOnGrid(at: Reading['at'], intervalMinutes: number, { zone }: Pick<MeterPoint, 'zone'>): boolean {
  return at % 60 === 0 && minuteOfDay(at, zone) % intervalMinutes === 0;
}
