import { Refusal } from '../kernel/errors.ts';
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
 * From now on the intervals of a channel that are posted have another length; those that are there stay as they are. Throws
 * 'meter-point-unknown' and 'series-unknown'.
 */
export function changeIntervals(
  { database, meterPoints, access }: ChangeMeterPointDeps,
  sent: string,
  { code, intervalMinutes }: { code: string; intervalMinutes: number },
  by: By,
): MeterPoint {
  return database
    .transaction(() => {
      const meterPoint = meterPoints.get(sent);
      const channel = meterPoints.findSeries(meterPoint.id, 'channel', code);
      if (!channel) throw new Refusal('series-unknown', `meter point ${meterPoint.identifier} has no channel ${code}`);
      if (channel.intervalMinutes === intervalMinutes) return meterPoint;
      const detail = { channel: code, intervalMinutes: { from: channel.intervalMinutes, to: intervalMinutes } };
      const subject = `meter-point:${meterPoint.identifier}`;
      access.audit.record({ ...by, action: 'meter-point.intervals', subject, detail });
      meterPoints.changeIntervals(channel, intervalMinutes);
      return meterPoint;
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
