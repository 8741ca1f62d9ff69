import type { Account } from '../accounts/account.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import { assert } from '../kernel/assert.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { OutboxStore } from '../kernel/outbox-store.ts';
import { Slices } from '../kernel/slices.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import { receivable } from '../ledger/posting.ts';
import { parseCents } from '../units/money.ts';
import { addDays, dayOf, instantOfMs, type Zone } from '../units/time.ts';
import { balanceBox } from './balance-box.ts';
import type { BilledFactStore } from './billed-fact-store.ts';
import { accountBlock } from './compose-invoice.ts';
import { offerNotices } from './conditional-discounts.ts';
import type { InvoiceDocument } from './invoice.ts';
import type { InvoiceDraft } from './invoice-draft.ts';
import type { InvoiceDraftStore } from './invoice-draft-store.ts';
import { type InvoiceFileDeps, invoiceFile, writeInvoiceFile } from './invoice-file.ts';
import { invoicePosting } from './invoice-posting.ts';
import type { InvoiceStore } from './invoice-store.ts';
import { type NumberFormat, numberSeries } from './numbering.ts';
import type { NumberingStore } from './numbering-store.ts';
import type { PromisedDiscountStore } from './promised-discount-store.ts';

export interface IssueDeps extends InvoiceFileDeps {
  database: Database;
  accounts: AccountStore;
  drafts: InvoiceDraftStore;
  invoices: InvoiceStore;
  billedFacts: BilledFactStore;
  promisedDiscounts: PromisedDiscountStore;
  numbering: NumberingStore;
  ledger: LedgerStore;
  outbox: OutboxStore;
  clock: Clock;
  /** The clock of the issue date. */
  businessZone: Zone;
  numberFormat: NumberFormat;
  /** Days from issue to due, 14 unless configured (P2-03). */
  dueDays: number;
}

export type IssueVerdict = { draftId: number } & (
  | {
      verdict: 'issued';
      number: string;
      totalDue: string /** Why the PDF is not there yet; it is made when asked for. */;
      fileProblem?: string;
    }
  | { verdict: 'parked'; problems: string[] }
  /** Another run issued these days since the draft was made. */
  | { verdict: 'already-billed' }
  | { verdict: 'draft-gone' }
);

/**
 * Issues drafts in the order given. What an invoice is, number, snapshot, posting and the promise of a mail, comes in one transaction
 * or not at all; as many share one, and its sync, as a slice has room for. The PDFs come after: they are made from the snapshots alone,
 * so that those a crash prevented are made by the next run, with the same bytes.
 */
export async function issueInvoices(deps: IssueDeps, draftIds: number[]): Promise<IssueVerdict[]> {
  const verdicts: IssueVerdict[] = [];
  const slices = new Slices();
  await makeMissingFiles(deps);
  while (verdicts.length < draftIds.length) {
    // Immediate: the write lock comes before the drafts, the balances and the numbers are read.
    const issued = deps.database
      .transaction(() => issueSome(deps, draftIds.slice(verdicts.length, verdicts.length + issuedAtOnce), slices))
      .immediate();
    await slices.next();
    verdicts.push(
      ...(await Promise.all(
        issued.map(([draftId, outcome]) =>
          'issued' in outcome ? finish(deps, draftId, outcome.issued) : { draftId, ...outcome },
        ),
      )),
    );
  }
  return verdicts;
}

/** A crash leaves at most one transaction's invoices without their PDFs, and as many if another run worked beside that one. */
async function makeMissingFiles(deps: IssueDeps): Promise<void> {
  for (const { document } of deps.invoices.listLatest(2 * issuedAtOnce)) {
    // A full disk keeps nobody from their bill, here as below: the PDF is asked for again when somebody opens it.
    await invoiceFile(deps, document).catch(() => undefined);
  }
}

function issueSome(deps: IssueDeps, draftIds: number[], slices: Slices): [draftId: number, outcome: Outcome][] {
  const issued: [number, Outcome][] = [];
  for (const draftId of draftIds) {
    issued.push([draftId, issueDraft(deps, draftId)]);
    if (!slices.hasRoom) break;
  }
  return issued;
}

// Their snapshots wait in memory for their PDFs.
const issuedAtOnce = 16;

type Outcome =
  | { issued: InvoiceDocument }
  | { verdict: 'parked'; problems: string[] }
  | { verdict: 'already-billed' }
  | { verdict: 'draft-gone' };

function issueDraft(deps: IssueDeps, draftId: number): Outcome {
  const draft = deps.drafts.find(draftId);
  if (!draft) return { verdict: 'draft-gone' };
  if (draft.problems.length > 0) return { verdict: 'parked', problems: draft.problems };
  if (draft.supplies.some(days => deps.invoices.listBilledDays(days.supplyId, days).length > 0)) {
    deps.drafts.remove(draftId);
    return { verdict: 'already-billed' };
  }
  if (draft.facts.granted.some(id => deps.promisedDiscounts.isGranted(id)))
    return {
      verdict: 'parked',
      problems: ['it credits a discount that another invoice has credited since: draft it anew'],
    };
  const issued = numbered(deps, draft, deps.accounts.getById(draft.accountId));
  record(deps, draft, issued);
  deps.drafts.remove(draftId);
  return { issued };
}

/** The snapshot: the draft with its number, its dates, the account as it is today and the balance as it stands. */
function numbered(deps: IssueDeps, { document }: InvoiceDraft, account: Account): InvoiceDocument {
  const { invoices, ledger, numbering, clock, businessZone } = deps;
  const issuedOn = dayOf(instantOfMs(clock.now()), businessZone);
  const customer = receivable(account.number);
  const lastInvoice = invoices.lastLedgerTransactionId(account.id);
  const charges = parseCents(document.currentCharges);
  assert(charges !== undefined, 'a draft says its charges in money');
  const issued: InvoiceDocument = {
    ...document,
    number: numbering.take(numberSeries(deps.numberFormat, document.kind, account.number, issuedOn)),
    issuedOn,
    dueOn: addDays(issuedOn, deps.dueDays),
    account: accountBlock(account),
    balance: balanceBox(
      ledger.balanceAfter(customer, lastInvoice),
      ledger.listEntriesSince(customer, lastInvoice),
      charges,
    ),
  };
  const notices = [...(document.notices ?? []), ...offerNotices(issued)];
  return notices.length > 0 ? { ...issued, notices } : issued;
}

function record(deps: IssueDeps, draft: InvoiceDraft, document: InvoiceDocument): void {
  const { invoices, ledger, outbox, clock, billedFacts, promisedDiscounts } = deps;
  const issuedAt = Math.floor(clock.now() / 1000);
  const { id: ledgerTransactionId } = ledger.post(invoicePosting(document), issuedAt);
  const { from, to, accountId, supplies, facts } = draft;
  const id = invoices.add({ from, to, accountId, supplies, ledgerTransactionId, issuedAt, document });
  for (const billed of facts.supplies) billedFacts.add(id, billed);
  for (const promised of facts.promised) promisedDiscounts.promise(id, promised);
  for (const granted of facts.granted) promisedDiscounts.grant(id, granted);
  const { name, email } = document.account;
  // Who has no address gets paper.
  if (email === '') return;
  const reference = invoiceReference(document.number);
  outbox.add({ kind: 'mail', reference, recipientName: name, recipientAddress: email }, issuedAt);
}

/** How the outbox names an invoice. */
export function invoiceReference(number: string): string {
  return `invoice:${number}`;
}

async function finish(deps: IssueDeps, draftId: number, issued: InvoiceDocument): Promise<IssueVerdict> {
  const verdict = { draftId, verdict: 'issued' as const, number: issued.number, totalDue: issued.balance.totalDue };
  try {
    await writeInvoiceFile(deps, issued);
    return verdict;
  } catch (error) {
    // The invoice stands; a full disk must not keep the next account from its bill.
    return { ...verdict, fileProblem: error instanceof Error ? error.message : String(error) };
  }
}
