import { billingPeriodOf, billRun } from '../../src/billing/bill-run.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { closeHouse, type House } from '../../src/house.ts';
import { decide } from '../../src/readings/decide.ts';
import { flush } from '../../src/readings/flush.ts';
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
import { openBenchHouse } from './fleet.ts';

/** Every figure is per second of one core. */
export interface BillsResult {
  drafted: number;
  issued: number;
  /** Read, rated, numbered, posted and stored. */
  billed: number;
  pdfs: number;
}

const plan = {
  planCode: 'BENCH',
  displayName: 'Time of use',
  currency: 'AUD',
  taxBasis: 'EXCLUSIVE',
  taxes: { GST: { name: 'GST', percent: '10' } },
  effectiveFrom: '2020-01-01',
  dayTypes: { WEEKDAY: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WEEKEND: ['SAT', 'SUN'] },
  components: [
    {
      kind: 'energy',
      code: 'USE',
      description: 'From grid',
      register: 'IMPORT',
      tax: 'GST',
      rates: [
        { code: 'PEAK', unitPrice: '0.40', windows: [{ from: '17:00', to: '21:00' }] },
        { code: 'SHOULDER', unitPrice: '0.295', windows: [{ days: 'WEEKDAY', from: '07:00', to: '17:00' }] },
        {
          code: 'OFF_PEAK',
          unitPrice: '0.21',
          windows: [
            { from: '21:00', to: '07:00' },
            { days: 'WEEKEND', from: '07:00', to: '17:00' },
          ],
        },
      ],
    },
    { kind: 'supply', code: 'SUPPLY', amount: '1.55', per: 'DAY', tax: 'GST' },
  ],
};

/** An account, a supply and a month of half-hours for every meter of the home. */
async function settle(house: House, month: Month): Promise<void> {
  const now = instantOfMs(house.clock.now());
  const { from, to } = monthPeriod(month, house.config.zone);
  const source = house.sources.idOf('import', 'bench');
  house.plans.addVersion(plan, now);
  const series = house.meterPoints.listAllSeries();
  house.database.transaction(() => {
    for (const { meterPointId } of series) {
      const number = `A${meterPointId}`;
      const contact = { businessNumber: '', email: '', phone: '', postalAddress: '1 Example Street' };
      const account = house.accounts.add({ number, name: `Customer ${meterPointId}`, ...contact }, now);
      const supply = { accountId: account.id, meterPointId, planCode: plan.planCode };
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
}

async function bill(house: House, month: Month): Promise<BillsResult> {
  const begun = performance.now();
  const drafted = (await billRun(house, billingPeriodOf(month))).flatMap(each =>
    each.verdict === 'drafted' ? each.draftId : [],
  );
  const between = performance.now();
  // The paper has a row of its own: here none is made, which an invoice survives.
  const withoutPaper = { ...house, renderPdf: () => Promise.reject(new Error('not in this row')) };
  const issued = (await issueInvoices(withoutPaper, drafted)).flatMap(each =>
    each.verdict === 'issued' ? each.number : [],
  );
  const done = performance.now();
  const printed = Math.min(issued.length, 100);
  for (const number of issued.slice(0, printed)) await house.renderPdf(house.invoices.get(number).document);
  const paperDone = performance.now();
  return {
    drafted: (drafted.length / (between - begun)) * 1000,
    issued: (issued.length / (done - between)) * 1000,
    billed: (issued.length / (done - begun)) * 1000,
    pdfs: (printed / (paperDone - done)) * 1000,
  };
}

if (import.meta.main) {
  const house = openBenchHouse(process.argv[2]!);
  const month = addMonths(monthOf(dayOf(instantOfMs(house.clock.now()), house.config.zone)), -1);
  await settle(house, month);
  const result = await bill(house, month);
  await closeHouse(house);
  process.stdout.write(JSON.stringify(result));
}
