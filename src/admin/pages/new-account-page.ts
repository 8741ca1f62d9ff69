import { newAccount } from '../../accounts/account-fields.ts';
import { openAccount } from '../../accounts/change-account.ts';
import { href } from '../../http/href.ts';
import { accountFields } from '../account-forms.ts';
import { readForm } from '../form.ts';
import type { AdminPage } from '../page.ts';

const url = '/admin/new-account';
const parent = '/admin/accounts';

/** Opens an account (P0-04). */
export const newAccountPage: AdminPage = {
  url,
  title: 'New account',
  view: 'form-page',
  parent,
  role: 'operator',
  load: () => ({
    parentTitle: 'Accounts',
    lede: 'Who is billed. What is supplied, and on which plan, is told on the page of the account.',
    form: {
      ...{ name: 'open', url: `${url}/open`, button: 'Open account' },
      fields: [{ name: 'number', label: 'Number', required: true }, ...accountFields()],
    },
  }),
  actions: {
    open: {
      role: 'operator',
      act({ form, user, now }, deps) {
        const { number } = openAccount(deps, readForm(newAccount, form), { who: `user:${user.name}`, at: now });
        return { to: href(parent, [number]) };
      },
    },
  },
};
