import type { AdminPage } from '../page.ts';

/** One invoice as it was issued, from its snapshot. */
export const invoicePage: AdminPage = {
  url: '/admin/invoices/:number',
  title: 'Invoice',
  view: 'invoice',
  parent: '/admin/invoices',
  role: 'viewer',
  load({ params }, { invoices }) {
    const { document, sha256 } = invoices.get(params.number ?? '');
    return { title: `${document.kind === 'invoice' ? 'Invoice' : 'Credit note'} ${document.number}`, document, sha256 };
  },
};
