import { billMonth } from '../../billing/bill-month.ts';
import { Refusal } from '../../kernel/errors.ts';
import { addDays, addMonths, dayOf, monthOf, parseMonth } from '../../units/time.ts';
import type { ActionRequest, ActionResult, AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/bill-run';
const draftsMax = 200;

/** Bills a month, and lists what could not be billed and why. */
export const billRunPage: AdminPage = {
  url,
  title: 'Bill run',
  view: 'bill-run',
  menu: 'Bill run',
  role: 'operator',
  load({ now }, { drafts, accounts, businessZone }) {
    const counts = drafts.count();
    return {
      url,
      month: addMonths(monthOf(dayOf(now, businessZone)), -1),
      waiting: drafts.list({ limit: draftsMax }).map(({ id, accountId, from, to, problems, document }) => ({
        id,
        account: accounts.getById(accountId),
        from,
        to: addDays(to, -1),
        problems,
        charges: document.currentCharges,
        currency: document.currency,
      })),
      drafts: counts,
      more: Math.max(0, counts.ready + counts.parked - draftsMax),
    };
  },
  actions: { bill: { role: 'operator', act: bill } },
};

async function bill({ form, user, now }: ActionRequest, deps: AdminDeps): Promise<ActionResult> {
  const month = parseMonth(form.get('month') ?? '');
  if (!month) throw new Refusal('body-invalid', 'Write the month as 2026-10.');
  const check = form.get('check') === 'on';
  const { bills } = await billMonth(deps, month, { check });
  const count = (verdict: string) => bills.filter(each => each.verdict === verdict).length;
  const counts = { issued: count('issued'), parked: count('parked'), alreadyBilled: count('already-billed') };
  const event = {
    at: now,
    who: `user:${user.name}`,
    action: 'bill-run',
    subject: `month:${month}`,
    detail: { ...counts, check },
  };
  deps.access.audit.record(event);
  const named = bills.map(each => ({ ...each, name: deps.accounts.get(each.account).name }));
  return { show: { result: { month, check, counts, bills: named } } };
}
