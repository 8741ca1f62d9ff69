import { showDay, showMoment, showWeekday } from '../../http/format.ts';
import { addDays, addMonths, dayOf, firstDayOf, monthOf } from '../../units/time.ts';
import { energyChart } from '../energy-chart.ts';
import { invoiceStatus } from '../invoice-status.ts';
import type { AdminPage } from '../page.ts';

/** The state of things at a glance. */
export const dashboardPage: AdminPage = {
  url: '/admin',
  title: 'Overview',
  view: 'dashboard',
  menu: 'Overview',
  role: 'viewer',
  async load(
    { now },
    { overview, meterPoints, meters, dialReadings, imports, receivables, drafts, reception, zone, businessZone },
  ) {
    const yesterday = addDays(dayOf(now, zone), -1);
    const today = dayOf(now, businessZone);
    const month = monthOf(today);
    const figures = await overview.figures(now, yesterday);
    return {
      ...figures,
      asOf: `${showWeekday(dayOf(figures.asOf, zone))} ${showMoment(figures.asOf, zone)}`,
      month,
      receiving: reception.receiving,
      meterPointCount: meterPoints.directory.count(),
      files: imports.count('', 'finished'),
      meters: meters.count(),
      dialValues: dialReadings.count(),
      issued: receivables.issuedIn(firstDayOf(month), firstDayOf(addMonths(month, 1))),
      drafts: drafts.count(),
      recent: receivables
        .listInvoices(today, { limit: 6 })
        .map(invoice => ({ ...invoice, state: invoiceStatus(invoice) })),
      chart: energyChart(
        'energy',
        `Energy on ${showWeekday(yesterday)} ${showDay(yesterday)}, all meter points`,
        figures.energy,
        figures.span,
      ),
    };
  },
};
