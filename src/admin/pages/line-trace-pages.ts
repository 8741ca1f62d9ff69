import { showEnergy, showMoney, showPrice, showQuantity } from '../../billing/invoice-words.ts';
import { type LineExplanation, traceDraftLine, traceLine } from '../../billing/trace-line.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { AdminDeps, AdminPage, PageRequest } from '../page.ts';

/** Why a line of an invoice says what it says. */
export const invoiceLinePage: AdminPage = {
  url: '/admin/invoices/:number/lines/:line',
  title: 'Why this number',
  view: 'line-trace',
  parent: '/admin/invoices',
  role: 'viewer',
  load({ params }, deps) {
    const { number = '' } = params;
    const trace = traceLine(deps, number, positionOf(params));
    const { currency } = deps.invoices.get(number).document;
    return shown(trace, currency, { url: '/admin/invoices', steps: [number], name: `Invoice ${number}` });
  },
};

/** The same of a draft, while it can still be mended. */
export const draftLinePage: AdminPage = {
  url: '/admin/drafts/:id/lines/:line',
  title: 'Why this number',
  view: 'line-trace',
  parent: '/admin/bill-run',
  role: 'viewer',
  load({ params }, deps) {
    const draft = draftOf(params, deps);
    const trace = traceDraftLine(deps, draft.id, positionOf(params));
    return shown(trace, draft.document.currency, {
      url: '/admin/drafts',
      steps: [draft.id],
      name: `Draft ${draft.id}`,
    });
  },
};

/** Throws 'draft-unknown' for what is no number, too. */
export function draftOf({ id = '' }: PageRequest['params'], { drafts }: AdminDeps) {
  if (!/^\d{1,9}$/.test(id)) throw new Refusal('draft-unknown', `there is no draft ${id}`);
  return drafts.get(Number(id));
}

function positionOf({ line = '' }: PageRequest['params']): number {
  return /^\d{1,6}$/.test(line) ? Number(line) : 0;
}

function shown(trace: LineExplanation, currency: string, paper: { url: string; steps: unknown[]; name: string }) {
  const { issued, plan } = trace;
  return {
    title: `Why ${issued.description} is ${showMoney(issued.amount, currency)}`,
    trace,
    paper,
    part: plan?.part ? JSON.stringify(plan.part, null, 2) : undefined,
    words: {
      amount: (amount: string) => showMoney(amount, currency),
      price: (price: string) => showPrice(price, currency),
      quantity: showQuantity,
      kWh: showEnergy,
    },
  };
}
