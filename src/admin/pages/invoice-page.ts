import { conditionalSentences } from '../../billing/conditional-words.ts';
import { showEnergy, showMoney, showPrice, showQuantity, titleOf } from '../../billing/invoice-words.ts';
import { dayOf } from '../../units/time.ts';
import { invoiceStatus } from '../invoice-status.ts';
import type { AdminPage } from '../page.ts';

/** One invoice as it was issued, from its snapshot: every line with its quantity, price, clock times and plan. */
export const invoicePage: AdminPage = {
  url: '/admin/invoices/:number',
  title: 'Invoice',
  view: 'invoice',
  parent: '/admin/invoices',
  role: 'viewer',
  load({ params, now }, { invoices, receivables, businessZone }) {
    const { document, sha256 } = invoices.get(params.number ?? '');
    const listed = receivables
      .listInvoices(dayOf(now, businessZone), { account: document.account.number, search: document.number })
      .find(({ number }) => number === document.number);
    return {
      title: `${titleOf(document)} ${document.number}`,
      document,
      offers: conditionalSentences(document),
      sha256,
      open: listed?.open,
      state: listed && invoiceStatus(listed),
      words: { amount: showMoney, price: showPrice, quantity: showQuantity, kWh: showEnergy },
    };
  },
};
