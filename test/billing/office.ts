import { join } from 'node:path';
import { AccountStore } from '../../src/accounts/account-store.ts';
import type { Flow } from '../../src/accounts/meter-point.ts';
import { MeterPointStore } from '../../src/accounts/meter-point-store.ts';
import { SupplyStore } from '../../src/accounts/supply-store.ts';
import { BilledFactStore } from '../../src/billing/billed-fact-store.ts';
import { FeeStore } from '../../src/billing/fee-store.ts';
import type { InvoiceDocument } from '../../src/billing/invoice.ts';
import { noDraftFacts } from '../../src/billing/invoice-draft.ts';
import { InvoiceDraftStore } from '../../src/billing/invoice-draft-store.ts';
import { InvoiceStore } from '../../src/billing/invoice-store.ts';
import type { NumberFormat } from '../../src/billing/numbering.ts';
import { NumberingStore } from '../../src/billing/numbering-store.ts';
import { PromisedDiscountStore } from '../../src/billing/promised-discount-store.ts';
import { SupplyTermsStore } from '../../src/billing/supply-terms-store.ts';
import { PaymentStore } from '../../src/collections/payment-store.ts';
import { ReceivableStore } from '../../src/collections/receivable-store.ts';
import type { SeriesEnergy } from '../../src/consumption/consumption.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import type { Database } from '../../src/kernel/database.ts';
import { OutboxStore } from '../../src/kernel/outbox-store.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { qualityCode } from '../../src/readings/reading.ts';
import { PlanStore } from '../../src/tariffs/plan-store.ts';
import { cents } from '../../src/units/money.ts';
import {
  type Day,
  dayOf,
  type Instant,
  instant,
  minuteOfDay,
  type Period,
  weekdayOf,
  type Zone,
} from '../../src/units/time.ts';
import { sampleInvoice, sampleSeller } from './sample-invoice.ts';

export const adelaide = 'Australia/Adelaide' as Zone;

/** Everything a bill run and issuing need, over a real database. The PDF is a stand-in: these tests are about money. */
export function openOffice(database: Database, home: string, numberFormat: NumberFormat = 'per-year') {
  const clock = new StoppedClock('2021-12-07T00:00:00Z');
  const meterPoints = new MeterPointStore(database);
  const meter = new PretendMeter();
  return {
    database,
    clock,
    accounts: new AccountStore(database),
    meterPoints,
    supplies: new SupplyStore(database),
    plans: new PlanStore(database),
    holidayCalendars: [],
    eventLists: [],
    supplyTerms: new SupplyTermsStore(database),
    fees: new FeeStore(database),
    billedFacts: new BilledFactStore(database),
    promisedDiscounts: new PromisedDiscountStore(database),
    consumption: meter,
    meter,
    drafts: new InvoiceDraftStore(database),
    invoices: new InvoiceStore(database),
    numbering: new NumberingStore(database),
    ledger: new LedgerStore(database),
    outbox: new OutboxStore(database),
    payments: new PaymentStore(database),
    receivables: new ReceivableStore(database),
    seller: sampleSeller(),
    businessZone: adelaide,
    numberFormat,
    dueDays: 14,
    invoiceFolder: join(home, 'data', 'invoices'),
    renderPdf: async (invoice: InvoiceDocument): Promise<Buffer> => Buffer.from(`%PDF- ${JSON.stringify(invoice)}`),
  };
}

export type Office = ReturnType<typeof openOffice>;

/** Micro-kWh of half an hour; NaN when nobody knows. */
type Load = (slot: { at: Instant; day: Day; minute: number; weekday: number; index: number }) => number;

/** Channels whose half-hours are computed, by meter point. */
export class PretendMeter {
  readonly #channels = new Map<
    number,
    { code: string; flow: Flow; serial: string; load: Load; estimated: boolean }[]
  >();

  put(meterPointId: number, code: string, flow: Flow, load: Load, { estimated = false, serial = '' } = {}): void {
    this.#channels.set(meterPointId, [
      ...(this.#channels.get(meterPointId) ?? []),
      { code, flow, serial, load, estimated },
    ]);
  }

  energyOf(meterPointId: number, { from, to }: Period): SeriesEnergy[] {
    return (this.#channels.get(meterPointId) ?? []).map(({ code, flow, serial, load, estimated }, id) => {
      const count = (to - from) / 1800;
      const energy = Float64Array.from({ length: count }, (_, index) => {
        const at = instant(from + index * 1800);
        const day = dayOf(at, adelaide);
        return load({ at, day, minute: minuteOfDay(at, adelaide), weekday: weekdayOf(day), index });
      });
      const quality = new Uint8Array(count).fill(qualityCode(estimated ? 'estimated' : 'actual'));
      return {
        series: { id, meterPointId, serial, kind: 'channel', code, flow, unit: 'kWh', intervalMinutes: 30 },
        energy: { from, stepSeconds: 1800, energy, quality },
        startReading: undefined,
        endReading: undefined,
      };
    });
  }
}

/** A customer with a meter point on a plan. */
export function addTenant(
  { accounts, meterPoints, supplies }: Office,
  number: string,
  {
    plan = 'IO_CI_01',
    from = '2020-01-01',
    to = undefined as string | undefined,
    email = `${number}@tenant.example`,
  } = {},
) {
  const account = accounts.add(
    { number, name: `Tenant ${number}`, businessNumber: '', email, phone: '', postalAddress: 'Shop 1\nEXAMPLETON' },
    0,
  );
  const point = { identifier: `20023${number.padStart(5, '0').slice(-5)}`, address: `Shop ${number}`, zone: adelaide };
  const meterPoint = meterPoints.add({ ...point, origin: 'registered' }, 0);
  const supply = supplies.add(
    {
      accountId: account.id,
      meterPointId: meterPoint.id,
      planCode: plan,
      from: from as Day,
      to: to as Day | undefined,
    },
    0,
  );
  return { account, meterPoint, supply };
}

/** A draft of 110.00 that is ready to be issued, without the work of rating. */
export function addDraft({ drafts }: Office, tenant: ReturnType<typeof addTenant>, from: string, to: string): number {
  const amounts = { chargesExTax: '100.00', tax: '10.00', currentCharges: '110.00' };
  const [supply] = sampleInvoice().supplies;
  const line = { ...supply!.lines[0]!, amount: '100.00' };
  const taxes = [{ code: 'GST', name: 'GST', percent: '10', taxable: '100.00', amount: '10.00' }];
  const account = { ...sampleInvoice().account, number: tenant.account.number };
  const document = sampleInvoice({ ...amounts, account, taxes, number: '', supplies: [{ ...supply!, lines: [line] }] });
  const days = { from: from as Day, to: to as Day };
  const supplies = [{ supplyId: tenant.supply.id, ...days }];
  return drafts.save({
    ...days,
    accountId: tenant.account.id,
    problems: [],
    document,
    supplies,
    facts: noDraftFacts,
    draftedAt: 0,
  });
}

/** Every account in the books, summed: zero, or the books are wrong. */
export function sumOfBooks(database: Database): bigint {
  const { sum } = database
    .prepare<[], { sum: bigint }>('SELECT ifnull(sum(amount_cents), 0) AS sum FROM ledger_entry')
    .safeIntegers()
    .get()!;
  return cents(sum);
}
