import { secondOpinionSteps } from '../tariffs/second-opinion.ts';
import type { Month } from '../units/time.ts';
import { type BillRunDeps, billingPeriodOf, billRun } from './bill-run.ts';
import { type IssueDeps, issueInvoices } from './issue-invoices.ts';

/** What became of an account's bill: issued, or why not. */
export interface MonthBill {
  account: string;
  verdict: 'issued' | 'parked' | 'already-billed' | 'nothing-supplied';
  number?: string;
  totalDue?: string;
  problems?: string[];
}

export interface BillMonthOptions {
  /** Every account when left out. */
  accounts?: string[] | undefined;
  /** true: every bill is rated a second time, minute by minute, and parked where the two differ. */
  check?: boolean | undefined;
}

/** Drafts a calendar month's bills and issues every draft that has no problem. Repeating it issues only what was parked before. */
export async function billMonth(
  deps: BillRunDeps & IssueDeps,
  month: Month,
  { accounts, check = false }: BillMonthOptions = {},
): Promise<{ month: Month; bills: MonthBill[] }> {
  const proposals = await billRun(
    { ...deps, ...(check && { secondOpinion: secondOpinionSteps }) },
    billingPeriodOf(month),
    accounts,
  );
  const drafted = proposals.flatMap(proposal => (proposal.verdict === 'drafted' ? proposal.draftId : []));
  const issued = new Map((await issueInvoices(deps, drafted)).map(each => [each.draftId, each]));
  const bills = proposals.map((proposal): MonthBill => {
    const { account } = proposal;
    if (proposal.verdict === 'parked') return { account, verdict: 'parked', problems: proposal.problems };
    if (proposal.verdict !== 'drafted') return { account, verdict: proposal.verdict };
    const invoice = issued.get(proposal.draftId);
    if (invoice?.verdict === 'issued')
      return { account, verdict: 'issued', number: invoice.number, totalDue: invoice.totalDue };
    // Between draft and issue another run may have billed the same days.
    return { account, verdict: 'already-billed' };
  });
  return { month, bills };
}
