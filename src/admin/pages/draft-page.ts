import { showMoney, showPrice, showQuantity } from '../../billing/invoice-words.ts';
import { addDays } from '../../units/time.ts';
import type { AdminPage } from '../page.ts';
import { draftOf } from './line-trace-pages.ts';

/** What a bill run proposes for an account: its lines, and what keeps it from being issued. */
export const draftPage: AdminPage = {
  url: '/admin/drafts/:id',
  title: 'Draft',
  view: 'draft',
  parent: '/admin/bill-run',
  role: 'viewer',
  load({ params }, deps) {
    const { id, accountId, from, to, problems, document } = draftOf(params, deps);
    const account = deps.accounts.getById(accountId);
    return {
      title: `Draft for ${account.name}`,
      ...{ id, account, from, to: addDays(to, -1), problems, document },
      words: { amount: showMoney, price: showPrice, quantity: showQuantity },
    };
  },
};
