import { billingPeriodOf, billRun } from '../../src/billing/bill-run.ts';
import { comparePlans } from '../../src/billing/compare-plans.ts';
import { invoicePdf } from '../../src/billing/invoice-pdf.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { closeHouse, type House } from '../../src/house.ts';
import { compact } from '../../src/readings/compact.ts';
import { dayNumberOf } from '../../src/readings/day-number.ts';
import { decide } from '../../src/readings/decide.ts';
import { flush } from '../../src/readings/flush.ts';
import { secondOpinionSteps as secondOpinion } from '../../src/tariffs/second-opinion.ts';
import { microKwh } from '../../src/units/energy.ts';
import {
  addMonths,
  dayOf,
  firstDayOf,
  instant,
  instantOfMs,
  type Month,
  monthOf,
  monthPeriod,
} from '../../src/units/time.ts';
import { benchPlan } from './bench-plan.ts';
import { openBenchHouse } from './fleet.ts';
import { type Watched, watchedUnderLoad } from './storage.ts';

/** Every figure is per second of one core. */
export interface BillsResult {
  /** From disk to stored drafts: read, rated, lines and trace written. */
  drafted: number;
  /** The same with every bill rated a second time. */
  checked: number;
  issued: number;
  /** Read, rated, numbered, posted and stored. */
  billed: number;
  pdfs: number;
  /** While readings come in; the first time, plans are read and the code is not yet compiled. */
  firstRun: Watched;
  firstCheckedRun: Watched;
  run: Watched;
  checkedRun: Watched;
  issuing: Watched;
  printing: Watched;
  compared: number;
  comparing: Watched;
  candidates: number;
  raising: Watched;
}

/** An account, a supply and a month of half-hours for every meter of the home. */
async function settle(house: House, month: Month): Promise<void> {
  const now = instantOfMs(house.clock.now());
  const { from, to } = monthPeriod(month, house.config.zone);
  const source = house.sources.idOf('import', 'bench');
  house.plans.addVersion(benchPlan, now);
  const series = house.meterPoints.allSeries.list();
  house.database.transaction(() => {
    for (const { meterPointId } of series) {
      const number = `A${meterPointId}`;
      const contact = { businessNumber: '', email: '', phone: '', postalAddress: '1 Example Street' };
      const account = house.accounts.add({ number, name: `Customer ${meterPointId}`, ...contact }, now);
      const supply = { accountId: account.id, meterPointId, planCode: benchPlan.planCode };
      house.supplies.add({ ...supply, from: firstDayOf(month), to: undefined }, now);
    }
  })();
  for (const each of series) {
    for (let at = from; at < to; at = instant(at + 1800)) {
      const value = microKwh((100 + ((each.id * 7 + at / 1800) % 900)) * 1000);
      decide(house, each, { at, value, minutes: 30, quality: 'actual', source, line: 0, versionAt: 0 }, now);
    }
  }
  await flush({ ...house, zone: house.config.zone });
  // As it is when bills are due: the month is over and packed.
  await compact(house);
}

async function bill(house: House, month: Month): Promise<BillsResult> {
  const period = billingPeriodOf(month);
  const accounts = house.meterPoints.allSeries.list().length;
  const firstRun = await meanwhile(house, () => billRun(house, period));
  const firstCheckedRun = await meanwhile(house, () => billRun({ ...house, secondOpinion }, period));
  // What follows is measured once it is warm, as it is for most of ten thousand accounts.
  const drafted = await perSecond(accounts, () => billRun(house, period));
  const checked = await perSecond(accounts, () => billRun({ ...house, secondOpinion }, period));
  const run = await meanwhile(house, () => billRun(house, period));
  const checkedRun = await meanwhile(house, () => billRun({ ...house, secondOpinion }, period));
  // The paper has a row of its own: here none is made, which an invoice survives.
  const withoutPaper = { ...house, renderPdf: () => Promise.reject(new Error('not in this row')) };
  const ids = house.drafts.listIds(period);
  const half = Math.floor(ids.length / 2);
  const issued = await perSecond(half, () => issueInvoices(withoutPaper, ids.slice(0, half)));
  const issuing = await meanwhile(house, () => issueInvoices(withoutPaper, ids.slice(half)));
  const documents = house.accounts
    .list({ limit: 50 })
    .flatMap(({ id }) => house.invoices.listOfAccount(id).map(({ document }) => document));
  const printing = await meanwhile(house, () => Promise.all(documents.map(document => house.renderPdf(document))));
  const pdfs = await perSecond(documents.length, async () => {
    for (const document of documents) await invoicePdf(document);
  });
  const compared = house.accounts.list({ limit: 100 }).map(({ number }) => number);
  const others = [benchPlan, { ...benchPlan, taxBasis: 'INCLUSIVE' }].map(document => ({ document }));
  const comparing = await meanwhile(house, () =>
    comparePlans(house, { ...period, plans: others, of: { accounts: compared } }),
  );
  await reviseAll(house, month);
  const raising = await meanwhile(house, () => flush({ ...house, zone: house.config.zone }));
  return {
    ...{ drafted, checked, issued, pdfs, firstRun, firstCheckedRun, run, checkedRun, issuing, printing },
    ...{ compared: compared.length, comparing, candidates: house.rebillCandidates.count(), raising },
    billed: 1 / (1 / drafted + 1 / issued),
  };
}

/** A newer version of a reading of every meter. */
async function reviseAll(house: House, month: Month): Promise<void> {
  const now = instantOfMs(house.clock.now());
  const at = instant(monthPeriod(month, house.config.zone).from + 700 * 1800);
  const source = house.sources.idOf('import', 'bench');
  const reading = { at, value: microKwh(5_000_000), minutes: 30, quality: 'actual' as const, source, line: 0 };
  for (const each of house.meterPoints.allSeries.list()) decide(house, each, { ...reading, versionAt: now }, now);
  await house.journal.durable();
}

async function perSecond(count: number, act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return (count / (performance.now() - begun)) * 1000;
}

function meanwhile(house: House, act: () => Promise<unknown>): Promise<Watched> {
  const today = dayNumberOf(instantOfMs(house.clock.now()));
  return watchedUnderLoad(house, today, act);
}

if (import.meta.main) {
  const house = openBenchHouse(process.argv[2]!);
  const month = addMonths(monthOf(dayOf(instantOfMs(house.clock.now()), house.config.zone)), -1);
  await settle(house, month);
  const result = await bill(house, month);
  await closeHouse(house);
  process.stdout.write(JSON.stringify(result));
}
