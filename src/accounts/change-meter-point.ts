import { type By, type ChangeAccountDeps, changesOf, refuseStale } from './change-account.ts';
import type { MeterPoint, MeterPointFacts } from './meter-point.ts';
import type { MeterPointStore, NewMeterPoint, NewSeries } from './meter-point-store.ts';

export interface ChangeMeterPointDeps extends Omit<ChangeAccountDeps, 'accounts'> {
  meterPoints: MeterPointStore;
}

/** Registers a meter point with its registers and channels. Throws 'meter-point-exists'. */
export function registerMeterPoint(
  { database, meterPoints, access }: ChangeMeterPointDeps,
  given: NewMeterPoint,
  series: Omit<NewSeries, 'meterPointId' | 'serial' | 'unit'>[],
  by: By,
): MeterPoint {
  return database
    .transaction(() => {
      const added = meterPoints.addWithSeries(given, series, by.at);
      access.audit.record({ ...by, action: 'meter-point.register', subject: `meter-point:${added.identifier}` });
      return added;
    })
    .immediate();
}

/**
 * Changes what is said of a meter point; what is left out stays. `version` is that of the meter point the change was made on. Throws
 * 'meter-point-unknown', and 'edit-stale' when somebody changed it since.
 */
export function changeMeterPoint(
  { database, meterPoints, access }: ChangeMeterPointDeps,
  sent: string,
  {
    version,
    ...given
  }: { version: number } & Partial<{ [Fact in keyof MeterPointFacts]: MeterPointFacts[Fact] | undefined }>,
  by: By,
): MeterPoint {
  return database
    .transaction(() => {
      const known = meterPoints.get(sent);
      refuseStale(known, version, `meter point ${known.identifier}`);
      const changes = changesOf(known, given);
      if (changes.count === 0) return known;
      const subject = `meter-point:${known.identifier}`;
      access.audit.record({ ...by, action: 'meter-point.change', subject, detail: changes.detail });
      return meterPoints.change(known, { ...known, ...changes.facts });
    })
    .immediate();
}
