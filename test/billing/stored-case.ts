import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Flow } from '../../src/accounts/meter-point.ts';
import type { BillCase } from '../../src/billing/bill-case.ts';
import { billRun } from '../../src/billing/bill-run.ts';
import type { BillingPeriod } from '../../src/billing/billing-period.ts';
import { caseFacts } from '../../src/billing/case-facts.ts';
import { caseSeries } from '../../src/billing/case-series.ts';
import type { InvoiceDocument } from '../../src/billing/invoice.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { recordFee } from '../../src/billing/record-fee.ts';
import { addSupply } from '../../src/billing/supply-contract.ts';
import { type SupplyTerms, supplyTerms } from '../../src/billing/supply-terms.ts';
import { recordPayment } from '../../src/collections/record-payment.ts';
import { readConfig } from '../../src/config.ts';
import { type House, openHouse } from '../../src/house.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { receivable } from '../../src/ledger/posting.ts';
import { decide } from '../../src/readings/decide.ts';
import { qualities } from '../../src/readings/reading.ts';
import { secondOpinionSteps } from '../../src/tariffs/second-opinion.ts';
import { microKwh } from '../../src/units/energy.ts';
import { cents, parseCents } from '../../src/units/money.ts';
import { addMonths, type Day, firstDayOf, instant, monthOf } from '../../src/units/time.ts';
import { testFolder } from '../open-house.ts';

const account = 'A-1';
const meterPoint = 'SITE1';

/** A customer of a real house: plan, contract, readings and facts of a bill case, stored as an operator stores them. */
export interface StoredCase {
  house: House;
  periods: BillingPeriod[];
  /** Drafts every bill, looks at it twice where `check` says so, and issues it. Stops at the first one that is parked. */
  bill(options?: { check?: boolean }): Promise<{ invoices: InvoiceDocument[]; parked: string[] }>;
}

/** How the meter differs from what the plan says, by the plan's registers. */
export interface MeterTwist {
  /** Its channels have codes of their own; the contract says which is which. */
  codes?: Record<string, string>;
  /** kWh for every register that is left out. */
  units?: Record<string, string>;
}

/** Throws what saving refuses: 'plan-invalid'. */
export function storeCase(
  billCase: BillCase,
  readFile: (name: string) => string = name => {
    throw new Error(`no file ${name}`);
  },
  twist: MeterTwist = {},
): StoredCase {
  const house = openTestHouse(z.string().parse(billCase.plans[0]?.currency));
  const periods = periodsOf(billCase);
  for (const plan of billCase.plans) house.plans.addVersion(plan, 0);
  for (const calendar of billCase.site.holidays) house.namedDays.addHolidays(calendar, 0);
  for (const list of caseFacts(billCase.facts, billCase.site.zone).events ?? []) house.namedDays.addEvents(list, 0);
  storeCustomer(house, billCase, periods, twist);
  storeReadings(house, billCase, periods, readFile, twist);
  const bill: StoredCase['bill'] = async ({ check = false } = {}) => {
    const invoices: InvoiceDocument[] = [];
    for (const period of periods) {
      const [verdict] = await billRun({ ...house, ...(check && { secondOpinion: secondOpinionSteps }) }, period);
      if (verdict?.verdict === 'parked') return { invoices, parked: verdict.problems };
      const [issued] = await issueInvoices(
        { ...house, renderPdf: async () => Buffer.from('%PDF-') },
        house.drafts.listIds(),
      );
      if (issued?.verdict !== 'issued') throw new Error(`not issued: ${JSON.stringify([verdict, issued])}`);
      invoices.push(house.invoices.get(issued.number).document);
    }
    return { invoices, parked: [] };
  };
  return { house, periods, bill };
}

/** Not closed as a server is: a case has readings of years, and nobody asks for their archives. */
function openTestHouse(currency: string): House {
  const config = readConfig({ WATTLEDGER_HOME: testFolder(), TIME_ZONE: 'UTC', CURRENCY: currency });
  const clock = new StoppedClock('2030-01-01T00:00:00Z');
  const onStorageFailure = (error: Error) => {
    throw error;
  };
  const house = openHouse({ config, clock, log: createLog('silent'), onStorageFailure });
  onTestFinished(async () => {
    await house.journal.close();
    house.database.close();
  });
  return house;
}

function periodsOf({ period, periods }: BillCase): BillingPeriod[] {
  if (!period) return periods ?? [];
  const { from, to, billed } = period;
  if (!billed) return [{ from, to }];
  const months: BillingPeriod[] = [];
  for (let start: Day = from; start < to; start = months.at(-1)!.to)
    months.push({ from: start, to: [firstDayOf(addMonths(monthOf(start), 1)), to].sort()[0]! });
  return months;
}

function storeCustomer(house: House, billCase: BillCase, periods: BillingPeriod[], { codes }: MeterTwist): void {
  const { site, plans, facts, earlier } = billCase;
  const nothing = { businessNumber: '', email: '', phone: '', postalAddress: '' };
  house.accounts.add({ number: account, name: 'Case', ...nothing }, 0);
  house.meterPoints.add({ identifier: meterPoint, address: '', zone: site.zone, origin: 'registered' }, 0);
  const always: NonNullable<BillCase['supplies']>[number] = { plan: plans[0]!.planCode, from: periods[0]!.from };
  for (const { plan, from, to, changes } of billCase.supplies ?? [always]) {
    const terms = { ...termsOf(billCase), ...(changes && { changes }), ...(codes && { registers: codes }) };
    addSupply(house, account, { meterPoint, plan, from, to, terms }, 0);
  }
  for (const { code, on, reason = '' } of facts?.fees ?? []) recordFee(house, account, { code, on, reason }, 0);
  if (!earlier) return;
  const balance = parseCents(earlier.balance)!;
  const opening = { bookedOn: '2000-01-01' as Day, kind: 'opening', reference: account, description: 'Taken over' };
  const entries = [
    { account: receivable(account), amount: balance },
    { account: 'opening', amount: cents(-balance) },
  ];
  house.ledger.post({ ...opening, entries }, 0);
  for (const [at, { on, amount }] of earlier.payments.entries())
    recordPayment(house, account, {
      ...{ receivedOn: on, amount: parseCents(amount)!, method: 'other', reference: '', dedupeKey: `p${at}` },
    });
}

function termsOf({ site, facts, estimation }: BillCase): SupplyTerms {
  return supplyTerms.parse({
    ...(facts?.lossFactors && { lossFactors: facts.lossFactors }),
    ...(facts && { quantities: facts.quantities, concessions: facts.concessions }),
    ...(facts && { before: { peaks: facts.peaks, energies: facts.energies } }),
    ...(site.monthStartsOn !== undefined && { monthStartsOn: site.monthStartsOn }),
    ...(estimation && { estimation }),
  });
}

const flows: Record<string, Flow> = { EXPORT: 'to-grid', SOLAR: 'from-solar', Q1: 'none' };

/** Through the rules that judge a meter's readings, into journal and index. */
function storeReadings(
  house: House,
  { registers, site }: BillCase,
  periods: BillingPeriod[],
  readFile: (name: string) => string,
  { codes = {}, units = {} }: MeterTwist,
): void {
  const days = { from: periods[0]!.from, to: periods.at(-1)!.to };
  const { id: meterPointId } = house.meterPoints.get(meterPoint);
  for (const [name, described] of Object.entries(registers)) {
    const code = codes[name] ?? name;
    const { from, stepSeconds, energy, quality } = caseSeries(described, site.zone, days, readFile);
    const minutes = stepSeconds / 60;
    const what = {
      kind: 'channel' as const,
      code,
      flow: flows[name] ?? 'from-grid',
      serial: '',
      unit: units[name] ?? 'kWh',
    };
    const series = house.meterPoints.addSeries({ ...what, meterPointId, intervalMinutes: minutes }, 0);
    const source = house.sources.idOf('demo', 'case');
    energy.forEach((value, slot) => {
      if (Number.isNaN(value)) return;
      const at = instant(from + slot * stepSeconds);
      const reading = { at, value: microKwh(value), minutes, quality: qualities[quality[slot]!]! };
      const { outcome } = decide(house, series, { ...reading, source, line: 0, versionAt: 0 }, at + stepSeconds);
      if (outcome !== 'accepted') throw new Error(`${code} at ${at}: ${outcome}`);
    });
  }
}
