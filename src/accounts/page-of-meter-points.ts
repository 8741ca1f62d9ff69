import { Slices } from '../kernel/slices.ts';
import type { MeterPoint } from './meter-point.ts';
import type { MeterPointFilter, MeterPointStore } from './meter-point-store.ts';

// Two milliseconds.
const meterPointsAtOnce = 2500;

/** A page of the meter points that fit, by identifier, and how many there are: in one walk over all of them, in slices. */
export async function pageOfMeterPoints(
  meterPoints: MeterPointStore,
  filter: MeterPointFilter,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ rows: MeterPoint[]; total: number }> {
  if (!Object.values(filter).some(Boolean))
    return { rows: meterPoints.list({ limit, offset }), total: meterPoints.count() };
  const slices = new Slices();
  await slices.next();
  const rows: MeterPoint[] = [];
  let total = 0;
  for (let after = filter.after ?? ''; ; ) {
    const some = { ...filter, after };
    const { count, last } = meterPoints.countNext(some, meterPointsAtOnce);
    const skipped = Math.max(0, offset - total);
    const wanted = Math.min(limit - rows.length, count - skipped);
    if (wanted > 0) rows.push(...meterPoints.list({ ...some, offset: skipped, limit: wanted }));
    total += count;
    if (last === undefined) return { rows, total };
    after = last;
    await slices.pause();
  }
}
