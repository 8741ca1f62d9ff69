import { showMoney, showPrice, showQuantity } from '../../billing/invoice-words.ts';
import { previewCorrection } from '../../billing/preview-correction.ts';
import { href } from '../../http/href.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { AdminPage } from '../page.ts';

/** What would be corrected on an issued invoice if its days were billed today. Nothing is written. */
export const correctionPage: AdminPage = {
  url: '/admin/invoices/:number/correction',
  title: 'Correction',
  view: 'correction',
  parent: '/admin/rebills',
  role: 'viewer',
  load({ params }, deps) {
    const { document } = deps.invoices.get(params.number ?? '');
    const { number, currency, account } = document;
    const page = {
      ...{ title: `Correction of ${number}`, account, currency },
      invoiceUrl: href('/admin/invoices', [number]),
      words: { amount: showMoney, price: showPrice, quantity: showQuantity },
    };
    try {
      return { ...page, preview: previewCorrection(deps, number) };
    } catch (error) {
      if (error instanceof Refusal) return { ...page, problem: `It cannot be billed anew: ${error.message}.` };
      throw error;
    }
  },
};
