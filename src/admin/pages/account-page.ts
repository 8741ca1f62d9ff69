import { accountStatement } from '../../collections/account-statement.ts';
import { methodWords, paymentMethods } from '../../collections/payment.ts';
import { recordPayment } from '../../collections/record-payment.ts';
import { href } from '../../http/href.ts';
import { Refusal } from '../../kernel/errors.ts';
import { randomToken } from '../../kernel/ids.ts';
import { formatCents, parseCents } from '../../units/money.ts';
import { dayOf, parseDay } from '../../units/time.ts';
import { accountActions, accountForms } from '../account-forms.ts';
import { invoiceStatus } from '../invoice-status.ts';
import type { ActionRequest, ActionResult, AdminDeps, AdminPage } from '../page.ts';

const parent = '/admin/accounts';

/** One account: who, what is supplied, what was billed, what was paid, what is owed. */
export const accountPage: AdminPage = {
  url: `${parent}/:number`,
  title: 'Account',
  view: 'account',
  parent,
  role: 'viewer',
  load({ params, now }, deps) {
    const { accounts, supplies, meterPoints, receivables, businessZone } = deps;
    const account = accounts.get(params.number ?? '');
    const today = dayOf(now, businessZone);
    const closing = accounts.findClosing(account.id);
    const filter = { account: account.number };
    const invoices = receivables.listInvoices(today, { ...filter, limit: receivables.countInvoices(today, filter) });
    return {
      title: account.name,
      account,
      closing,
      forms: accountForms(account, closing, today, deps),
      today,
      summary: receivables.summaryOf(account.number),
      overdue: invoices.filter(({ overdue }) => overdue).length,
      supplies: supplies
        .listOfAccount(account.id)
        .map(supply => ({ ...supply, meterPoint: meterPoints.getById(supply.meterPointId) })),
      invoices: invoices.map(invoice => ({ ...invoice, state: invoiceStatus(invoice) })),
      statement: accountStatement(deps, account.number).toReversed(),
      methods: paymentMethods.map(method => ({ method, words: methodWords[method] })),
      // Drawn with the form, so that sending it twice records one payment.
      paymentKey: `form ${randomToken()}`,
    };
  },
  actions: { payment: { role: 'operator', act: takePayment }, ...accountActions },
};

function takePayment({ params, form, user, now }: ActionRequest, deps: AdminDeps): ActionResult {
  const number = params.number ?? '';
  const field = (name: string) => (form.get(name) ?? '').trim();
  const amount = parseCents(field('amount').replaceAll(',', ''));
  const receivedOn = parseDay(field('receivedOn'));
  const method = paymentMethods.find(each => each === field('method'));
  const fields = [];
  if (amount === undefined) fields.push({ pointer: '/amount', message: 'must be money, such as 439.63' });
  if (!receivedOn) fields.push({ pointer: '/day', message: 'must be a day, such as 2026-11-21' });
  if (!method) fields.push({ pointer: '/method', message: 'must be one of the list' });
  if (amount === undefined || !receivedOn || !method) throw new Refusal('body-invalid', 'this is no payment', fields);
  const payment = { receivedOn, amount, method, reference: field('reference').slice(0, 140), dedupeKey: field('key') };
  const { duplicate } = recordPayment(deps, number, payment);
  if (!duplicate) {
    const detail = { amount: formatCents(amount), receivedOn, method, reference: payment.reference };
    const event = { at: now, who: `user:${user.name}`, action: 'payment.record', subject: `account:${number}` };
    deps.access.audit.record({ ...event, detail });
  }
  return { to: `${href(parent, [number])}#statement` };
}
