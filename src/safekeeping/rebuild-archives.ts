import { flushHouse, type House } from '../house.ts';
import type { ArchivePeriod } from '../readings/archive-period.ts';
import type { Day, Month } from '../units/time.ts';

/** Makes the archive of a day or a month again, or every archive when neither is named. Returns the names written. */
export async function rebuildArchives(house: House, { day, month }: { day?: Day; month?: Month }): Promise<string[]> {
  await flushHouse(house);
  const named: ArchivePeriod[] = [
    ...(day ? [{ kind: 'day' as const, period: day }] : []),
    ...(month ? [{ kind: 'month' as const, period: month }] : []),
  ];
  return house.archiver.rebuild(named.length > 0 ? named : await house.archiver.listPeriods());
}
