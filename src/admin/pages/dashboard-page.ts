import { showDay, showTime } from '../../http/format.ts';
import { addDays, type Day, dayOf } from '../../units/time.ts';
import { bucketsOf } from '../energy-buckets.ts';
import { energyChart } from '../energy-chart.ts';
import type { AdminDeps, AdminPage } from '../page.ts';
import { spanAround } from '../span.ts';

// Each costs some twenty microseconds; more than this would hold readings up while somebody looks at a picture.
const meterPointsMax = 500;

/** The state of things at a glance. */
export const dashboardPage: AdminPage = {
  url: '/admin',
  title: 'Overview',
  view: 'dashboard',
  menu: 'Overview',
  role: 'viewer',
  load({ now }, deps) {
    const today = dayOf(now, deps.zone);
    const meterPoints = deps.meterPoints.count();
    return {
      today,
      meterPoints,
      accounts: deps.accounts.count(),
      invoices: deps.overview.countInvoices(),
      owed: deps.overview.owed(),
      recent: deps.overview.listInvoices({ limit: 5 }),
      chart: energyOfDay(addDays(today, -1), deps),
      partly: meterPoints > meterPointsMax ? meterPointsMax : undefined,
    };
  },
};

function energyOfDay(day: Day, { meterPoints, consumption, zone }: AdminDeps) {
  const { period, bounds } = spanAround('day', day, zone);
  const measured = meterPoints.list({ limit: meterPointsMax }).flatMap(({ id }) => consumption.energyOf(id, period));
  return energyChart({
    id: 'energy',
    title: `Energy on ${showDay(day)}`,
    axis: 'From',
    labelOf: ({ from }) => showTime(from, zone),
    fromGrid: bucketsOf(measured, 'from-grid', bounds),
    toGrid: bucketsOf(measured, 'to-grid', bounds),
  });
}
