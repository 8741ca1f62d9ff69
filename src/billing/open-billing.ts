import { join } from 'node:path';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import { BilledFactStore } from './billed-fact-store.ts';
import { BilledSpanStore } from './billed-span-store.ts';
import { FeeStore } from './fee-store.ts';
import { InvoiceDraftStore } from './invoice-draft-store.ts';
import { InvoicePrinter } from './invoice-printer.ts';
import { InvoiceStore } from './invoice-store.ts';
import { NumberingStore } from './numbering-store.ts';
import { PromisedDiscountStore } from './promised-discount-store.ts';
import { RaiseRebills } from './raise-rebills.ts';
import { RebillCandidateStore } from './rebill-candidate-store.ts';
import { SupplyTermsStore } from './supply-terms-store.ts';

/** From what a supply is charged by to the invoice on paper. */
export interface BillingRoom {
  supplyTerms: SupplyTermsStore;
  fees: FeeStore;
  billedFacts: BilledFactStore;
  billedSpans: BilledSpanStore;
  promisedDiscounts: PromisedDiscountStore;
  rebillCandidates: RebillCandidateStore;
  drafts: InvoiceDraftStore;
  invoices: InvoiceStore;
  numbering: NumberingStore;
  invoiceFolder: string;
  printer: InvoicePrinter;
  renderPdf: InvoicePrinter['print'];
}

export interface OpenBillingDeps {
  database: Database;
  dataFolder: string;
  store: ReadingStore;
  index: ReadingIndex;
  meterPoints: MeterPointStore;
  clock: Clock;
}

/** Opens the stores; from then on a reading or a register map that changes what was billed raises a rebill candidate. */
export function openBilling({ database, dataFolder, store, index, meterPoints, clock }: OpenBillingDeps): BillingRoom {
  const billedSpans = new BilledSpanStore(database);
  const rebillCandidates = new RebillCandidateStore(database);
  const raiseRebills = new RaiseRebills({ store, index, meterPoints, billedSpans, rebillCandidates, clock });
  store.flushes.onPut = blocks => raiseRebills.look(blocks);
  meterPoints.onMapChange = (series, map) => raiseRebills.lookAtMap(series, map);
  const printer = new InvoicePrinter();
  return {
    supplyTerms: new SupplyTermsStore(database),
    fees: new FeeStore(database),
    billedFacts: new BilledFactStore(database),
    billedSpans,
    promisedDiscounts: new PromisedDiscountStore(database),
    rebillCandidates,
    drafts: new InvoiceDraftStore(database),
    invoices: new InvoiceStore(database),
    numbering: new NumberingStore(database),
    invoiceFolder: join(dataFolder, 'invoices'),
    printer,
    renderPdf: printer.print,
  };
}
