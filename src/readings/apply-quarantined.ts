import type { AuditStore } from '../access/audit-store.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { isSameMeter } from '../accounts/meter-serial.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import { type Instant, instantOfMs } from '../units/time.ts';
import { type DecideDeps, decide } from './decide.ts';
import { decideFirst, decideItem, type ItemVerdict, type Objection, verdictOf } from './post-readings.ts';
import type { ListedQuarantined, QuarantineFilter, QuarantineStore } from './quarantine-store.ts';
import { type FileReading, readingOfItem } from './quarantined-reading.ts';
import { defaultRules, rulesForApplying } from './rules.ts';

export interface QuarantineDeps extends DecideDeps {
  meterPoints: MeterPointStore;
  quarantine: QuarantineStore;
  audit: Pick<AuditStore, 'record'>;
  clock: Clock;
}

/** Numbers, or everything that waits and fits a filter. */
export type Chosen = readonly number[] | Omit<QuarantineFilter, 'state'>;

export interface Applied {
  /** Let in now, or found to be there already. */
  applied: number;
  /** What still cannot be kept as a reading, and why. */
  waiting: { id: number; message: string }[];
}

const appliedAtOnce = 50;
const namedMax = 100;

/**
 * Lets readings that wait in, by the rules as they stand: what was to be looked at is kept and flagged, because somebody has looked. What
 * cannot be kept waits on. Applied twice, or again after a crash, a reading is a duplicate of itself. Throws 'quarantine-unknown'.
 */
export async function applyQuarantined(deps: QuarantineDeps, chosen: Chosen, by: string): Promise<Applied> {
  const judged = { ...deps, rules: rulesForApplying(deps.rules ?? defaultRules) };
  const result = await applyAll(judged, idsOf(deps.quarantine, chosen), by);
  if (result.applied + result.waiting.length > 0)
    record(deps, 'quarantine.apply', by, { applied: result.applied, waiting: result.waiting.length });
  return result;
}

/** Lets in what came before its meter point was registered, by the rules as for any other reading; another one may hold it back. */
export async function applyRegistered(deps: QuarantineDeps, meterPoint: string): Promise<Applied> {
  const result = await applyAll(deps, waitingFor(deps.quarantine, meterPoint), 'system');
  if (result.applied > 0) record(deps, 'quarantine.apply', 'system', { applied: result.applied, meterPoint });
  return result;
}

/** What waits is not to be let in. Nothing is removed: it is kept with the reason. Returns how many. */
export async function discardQuarantined(
  deps: Pick<QuarantineDeps, 'quarantine' | 'audit' | 'clock'>,
  chosen: Chosen,
  reason: string,
  by: string,
): Promise<number> {
  const at = instantOfMs(deps.clock.now());
  const slices = new Slices();
  let discarded = 0;
  for (const ids of inSlices(idsOf(deps.quarantine, chosen))) {
    discarded += deps.quarantine.together(
      () => ids.filter(id => deps.quarantine.decide(id, { state: 'discarded', at, by, reason })).length,
    );
    await slices.pause();
  }
  record(deps, 'quarantine.discard', by, { discarded, reason });
  return discarded;
}

async function applyAll(deps: QuarantineDeps, all: Iterable<number>, by: string): Promise<Applied> {
  const { quarantine, journal, clock } = deps;
  const slices = new Slices();
  const result: Applied = { applied: 0, waiting: [] };
  for (const ids of inSlices(all)) {
    const at = instantOfMs(clock.now());
    const verdicts = ids.flatMap(id => {
      const entry = quarantine.find(id);
      return entry?.state === 'waiting' ? [{ id, ...applyOne(deps, entry, at) }] : [];
    });
    // On disk as readings before anything says that they wait no more: a crash in between leaves them to be applied again, as duplicates.
    await journal.durable();
    quarantine.together(() => {
      for (const { id, ...decided } of verdicts) {
        if ('rule' in decided) {
          quarantine.move(id, decided.rule);
          if (result.waiting.length < namedMax) result.waiting.push({ id, message: decided.message });
        } else if (quarantine.decide(id, { state: 'applied', at, by, reason: decided.verdict })) result.applied += 1;
      }
    });
    await slices.pause();
  }
  return result;
}

/** It waits already: what cannot be kept is not put aside a second time. */
function applyOne(deps: QuarantineDeps, entry: ListedQuarantined, now: Instant): ItemVerdict | Objection {
  const item = readingOfItem(entry.item);
  return 'serial' in item ? applyFileReading(deps, item, entry, now) : decideItem(deps, item, entry.source, now);
}

function applyFileReading(
  deps: QuarantineDeps,
  item: FileReading,
  { source, line }: ListedQuarantined,
  now: Instant,
): ItemVerdict | Objection {
  const meterPoint = deps.meterPoints.find(item.meterPoint);
  if (!meterPoint) {
    const message = `meter point ${item.meterPoint} is not registered`;
    return { rule: 'meter-point-unknown-in-file', code: 'meter-point-unknown', pointer: '', message };
  }
  const { kind, code, serial, flow, unit, at, value, minutes, quality, versionAt, waits = false } = item;
  const known = deps.meterPoints
    .listSeries(meterPoint.id)
    .find(each => each.kind === kind && each.code === code && isSameMeter(each.serial, serial));
  const intervalMinutes = minutes === 0 ? 30 : minutes;
  const series = known ?? { meterPointId: meterPoint.id, serial, kind, code, flow, unit, intervalMinutes };
  const reading = { at, value, minutes, quality, source, line, versionAt };
  const decision =
    'id' in series ? decide(deps, series, reading, now, { waits }) : decideFirst(deps, series, reading, now, []);
  return verdictOf(decision, kind);
}

function* idsOf(quarantine: QuarantineStore, chosen: Chosen): Generator<number> {
  if (isNumbers(chosen)) {
    for (const id of chosen)
      if (!quarantine.find(id)) throw new Refusal('quarantine-unknown', `there is no reading ${id} in quarantine`);
    yield* chosen;
    return;
  }
  for (let after = 0; ; ) {
    const ids = quarantine.listWaiting(chosen, after, appliedAtOnce);
    if (ids.length === 0) return;
    yield* ids;
    after = ids.at(-1)!;
  }
}

function* waitingFor(quarantine: QuarantineStore, meterPoint: string): Generator<number> {
  for (let after = 0; ; ) {
    const ids = quarantine.listForRegistration(meterPoint, after);
    if (ids.length === 0) return;
    yield* ids;
    after = ids.at(-1)!;
  }
}

function isNumbers(chosen: Chosen): chosen is readonly number[] {
  return Array.isArray(chosen);
}

function* inSlices(ids: Iterable<number>): Generator<number[]> {
  let slice: number[] = [];
  for (const id of ids) {
    slice.push(id);
    if (slice.length < appliedAtOnce) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

function record(
  { audit, clock }: Pick<QuarantineDeps, 'audit' | 'clock'>,
  action: string,
  who: string,
  detail: Record<string, unknown>,
): void {
  audit.record({ at: instantOfMs(clock.now()), who, action, subject: 'quarantine', detail });
}
