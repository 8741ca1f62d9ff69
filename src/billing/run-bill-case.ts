import type { Flow } from '../accounts/meter-point.ts';
import type { SeriesEnergy } from '../consumption/consumption.ts';
import type { IntervalSeries } from '../consumption/interval-series.ts';
import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { sha256 } from '../kernel/ids.ts';
import { contractSegments } from '../tariffs/contracts.ts';
import type { Facts } from '../tariffs/facts.ts';
import { type PlanVersion, readPlan, registersOf } from '../tariffs/plan.ts';
import { rate } from '../tariffs/rate.ts';
import { addCents, type Cents, cents, formatCents, negateCents, parseCents, zeroCents } from '../units/money.ts';
import { addMonths, type Day, firstDayOf, monthOf } from '../units/time.ts';
import { balanceBox, paymentKind } from './balance-box.ts';
import type { BillCase } from './bill-case.ts';
import type { BilledFacts } from './billed-facts.ts';
import type { BillingPeriod } from './billing-period.ts';
import { caseFacts } from './case-facts.ts';
import { caseSeries } from './case-series.ts';
import { composeInvoice, whyNotTogether } from './compose-invoice.ts';
import type { InvoiceDocument, InvoiceLine, Seller } from './invoice.ts';
import { pricedRegisters } from './priced-registers.ts';
import { type RatedSupply, ratedSupply } from './rate-supply.ts';

/** What our bills say, in the words of a case's `expected`. */
export interface CaseBills {
  lines: Pick<InvoiceLine, 'code' | 'from' | 'to' | 'quantity' | 'unit' | 'unitPrice' | 'amount' | 'taxCode'>[];
  chargesExTax: string;
  taxes: { code: string; taxable: string; amount: string }[];
  tax: string;
  total: string;
  totalDue: string;
  conditional: { code: string; amount: string; total: string }[];
  days: number;
}

/**
 * Bills a case as customers are billed: the plan documents are read and proved, the days cut into segments, rated, put on an invoice and
 * carried to the balance; only the readings are drawn instead of stored. Throws whatever Refusal a customer's bill would meet.
 */
export function runBillCase(billCase: BillCase, readFile: (name: string) => string): CaseBills {
  const periods = periodsOf(billCase);
  const days = { from: periods[0]!.from, to: periods.at(-1)!.to };
  const { zone } = billCase.site;
  const versions = versionsOf(billCase.plans);
  const registers = new Map(
    Object.entries(billCase.registers).map(([name, series]) => [name, caseSeries(series, zone, days, readFile)]),
  );
  let facts = caseFacts(billCase.facts, zone);
  const invoices: InvoiceDocument[] = [];
  for (const period of periods) {
    const parts = billOf({ billCase, versions, registers, facts }, period);
    const { document } = composeInvoice(nobody, noSeller, parts);
    invoices.push(withBalance(document, billCase, invoices.at(-1)));
    for (const part of parts) facts = withBilled(facts, part.facts);
  }
  return summed(invoices);
}

/** Later bills know what the ones before them measured and charged. */
function withBilled(facts: Partial<Facts>, billed: BilledFacts): Partial<Facts> {
  const { peaks = [], energies = [] } = facts;
  return { ...facts, peaks: [...peaks, ...billed.peaks], energies: [...energies, ...billed.energies] };
}

interface Bench {
  billCase: BillCase;
  versions: PlanVersion[];
  registers: Map<string, IntervalSeries>;
  facts: Partial<Facts>;
}

function periodsOf({ period, periods }: BillCase): BillingPeriod[] {
  if (!period) return periods ?? [];
  const { from, to, billed } = period;
  if (!billed) return [{ from, to }];
  const months: BillingPeriod[] = [];
  for (let start: Day = from; start < to; ) {
    const next = firstDayOf(addMonths(monthOf(start), 1));
    const end = [next, to].sort()[0]!;
    months.push({ from: start, to: end });
    start = end;
  }
  return months;
}

/** Numbered as the store would: each plan's documents from 1 on. */
function versionsOf(plans: BillCase['plans']): PlanVersion[] {
  return plans.map((document, at) => {
    const plan = readPlan(document);
    const version = plans.slice(0, at + 1).filter(other => other.planCode === document.planCode).length;
    return { id: at + 1, version, sha256: sha256(JSON.stringify(document)), createdAt: 0, plan };
  });
}

function billOf(bench: Bench, period: BillingPeriod): RatedSupply[] {
  let { facts } = bench;
  const supplies = suppliesIn(bench.billCase, period).map(supply => {
    const rated = rateOne({ ...bench, facts }, supply);
    facts = withBilled(facts, rated.facts);
    return rated;
  });
  const apart = whyNotTogether(supplies);
  if (apart) throw new Refusal('plans-differ', apart);
  return supplies;
}

type CaseSupply = NonNullable<BillCase['supplies']>[number] & BillingPeriod;

function suppliesIn({ supplies, plans }: BillCase, { from, to }: BillingPeriod): CaseSupply[] {
  const always = { plan: plans[0]!.planCode, from, to };
  return (supplies ?? [always])
    .map(supply => ({ ...supply, from: [supply.from, from].sort()[1]!, to: [supply.to ?? to, to].sort()[0]! }))
    .filter(supply => supply.from < supply.to);
}

function rateOne({ billCase, versions, registers, facts }: Bench, supply: CaseSupply): RatedSupply {
  const { plan: planCode, from, to, changes } = supply;
  const { zone, holidays, monthStartsOn } = billCase.site;
  const ofPlan = versions.filter(({ plan }) => plan.planCode === planCode);
  if (ofPlan.length === 0) throw new Refusal('bill-case-invalid', `the case has no plan ${planCode}`);
  const segments = contractSegments([{ from, to, versions: ofPlan, ...(changes && { changes }) }], from, to);
  const named = segments.flatMap(({ version }) => registersOf(version.plan).map(need => need.register));
  const bill = rate({
    segments,
    zone,
    registers: pricedRegisters([...registers].map(asMeasured), named),
    holidayCalendars: holidays,
    facts,
    ...(monthStartsOn !== undefined && { monthStartsOn }),
    ...(billCase.estimation && { estimation: billCase.estimation }),
  });
  const tables = { registers: [], daily: [], monthly: [], estimatedPercent: '0' };
  return ratedSupply(bill, segments, {
    ...{ meterPoint: '', address: '', zone, ...tables },
    ...(monthStartsOn !== undefined && { monthStartsOn }),
  });
}

const flows: Record<string, Flow> = { EXPORT: 'to-grid', SOLAR: 'from-solar' };

function asMeasured([code, energy]: [string, IntervalSeries], id: number): SeriesEnergy {
  const intervalMinutes = energy.stepSeconds / 60;
  const flow = flows[code] ?? 'from-grid';
  return {
    series: { id, meterPointId: 0, serial: '', kind: 'channel', code, flow, unit: 'kWh', intervalMinutes },
    energy,
    startReading: undefined,
    endReading: undefined,
  };
}

/** What issuing adds: the way from the last invoice's balance to this one's. */
function withBalance(
  invoice: InvoiceDocument,
  { earlier }: BillCase,
  last: InvoiceDocument | undefined,
): InvoiceDocument {
  const previous = money(last ? last.balance.totalDue : (earlier?.balance ?? '0'));
  const payments = last ? [] : (earlier?.payments ?? []);
  const entries = payments.map(({ on, amount }) => ({
    transactionId: 0,
    bookedOn: on,
    kind: paymentKind,
    reference: '',
    description: '',
    amount: negateCents(money(amount)),
    balance: zeroCents,
  }));
  return { ...invoice, balance: balanceBox(previous, entries, money(invoice.currentCharges)) };
}

function summed(invoices: InvoiceDocument[]): CaseBills {
  const total = (of: (invoice: InvoiceDocument) => string) =>
    formatCents(addCents(...invoices.map(each => money(of(each)))));
  const charges = invoices.flatMap(invoice => invoice.supplies);
  const taxCodes = [...new Set(invoices.flatMap(invoice => invoice.taxes.map(({ code }) => code)))];
  return {
    lines: charges.flatMap(({ lines }) =>
      lines.map(({ code, from, to, quantity, unit, unitPrice, amount, taxCode }) => ({
        code,
        from,
        to,
        quantity,
        unit,
        unitPrice,
        amount,
        taxCode,
      })),
    ),
    chargesExTax: total(invoice => invoice.chargesExTax),
    taxes: taxCodes.map(code => {
      const parts = invoices.flatMap(invoice => invoice.taxes.filter(tax => tax.code === code));
      const sum = (of: (part: (typeof parts)[number]) => string) =>
        formatCents(cents(parts.reduce((sum, part) => sum + money(of(part)), 0n)));
      return { code, taxable: sum(part => part.taxable), amount: sum(part => part.amount) };
    }),
    tax: total(invoice => invoice.tax),
    total: total(invoice => invoice.currentCharges),
    totalDue: invoices.at(-1)!.balance.totalDue,
    conditional: invoices.flatMap(({ conditional = [] }) => conditional),
    days: charges.reduce((sum, { days }) => sum + days, 0),
  };
}

function money(text: string): Cents {
  const amount = parseCents(text);
  assert(amount !== undefined, 'invoices and the schema of a case say money with at most two decimals');
  return amount;
}

const nobody = {
  id: 0,
  number: '',
  name: '',
  businessNumber: '',
  email: '',
  phone: '',
  postalAddress: '',
  createdAt: 0,
  version: 1,
};

const noSeller: Seller = {
  name: '',
  businessNumber: '',
  address: [],
  phone: '',
  email: '',
  web: '',
  colour: '',
  networkProvider: '',
  faultsPhone: '',
  interpreterPhone: '',
  relayPhone: '',
  ombudsman: '',
  payment: {
    directDebitPhone: '',
    bpayBillerCode: '',
    bpayReference: '',
    bankAccount: '',
    cardUrl: '',
    cardFeeNotice: '',
    lateNotice: '',
  },
};
