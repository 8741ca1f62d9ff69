import { addUser } from '../../access/add-user.ts';
import { disableUser, enableUser } from '../../access/disable-user.ts';
import { setPassword } from '../../access/set-password.ts';
import { roles, type User } from '../../access/user.ts';
import { showDay } from '../../http/format.ts';
import { dayOf } from '../../units/time.ts';
import { type ListSpec, listView, pageOfRows, readListState } from '../list.ts';
import type { AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/users';

/** Who may sign in. */
export const usersPage: AdminPage = {
  url,
  title: 'Users',
  view: 'users',
  menu: 'Users',
  role: 'admin',
  load({ query }, deps) {
    const spec = specFor(deps);
    const state = readListState(query, spec);
    const users = deps.access.users
      .list()
      .filter(({ name }) => name.toLowerCase().includes(state.search.toLowerCase()))
      .filter(({ role }) => !state.filters.role || role === state.filters.role);
    return { list: listView(spec, state, pageOfRows(users, spec, state), users.length), roles, url };
  },
  actions: {
    add: {
      role: 'admin',
      async act({ form, user }, { access }) {
        const name = form.get('name') ?? '';
        const added = await addUser(access, { name, role: form.get('role') ?? '', by: `user:${user.name}` });
        return { show: { shown: { what: `The password of ${name}`, secret: added.password } } };
      },
    },
    password: {
      role: 'admin',
      async act({ form, user }, { access }) {
        const name = form.get('name') ?? '';
        const { password } = await setPassword(access, { name, by: `user:${user.name}` });
        return { show: { shown: { what: `The new password of ${name}`, secret: password } } };
      },
    },
    disable: {
      role: 'admin',
      act({ form, user }, { access }) {
        disableUser(access, { name: form.get('name') ?? '', by: `user:${user.name}` });
        return { to: url };
      },
    },
    enable: {
      role: 'admin',
      act({ form, user }, { access }) {
        enableUser(access, { name: form.get('name') ?? '', by: `user:${user.name}` });
        return { to: url };
      },
    },
  },
};

function specFor({ zone }: AdminDeps): ListSpec<User> {
  return {
    url,
    caption: 'Users',
    searchLabel: 'Name',
    filters: [{ name: 'role', label: 'Role', options: roles.map(role => ({ value: role, label: role })) }],
    emptyText: 'Nobody may sign in yet.',
    columns: [
      { key: 'name', title: 'Name', cell: user => user.name, sortBy: user => user.name.toLowerCase() },
      { key: 'role', title: 'Role', cell: user => user.role, sortBy: user => roles.indexOf(user.role) },
      {
        key: 'since',
        title: 'Since',
        cell: user => showDay(dayOf(user.createdAt, zone)),
        sortBy: user => user.createdAt,
      },
      {
        key: 'state',
        title: 'State',
        cell: user => (user.disabledAt ? { text: 'disabled', tone: 'bad' } : { text: 'may sign in', tone: 'good' }),
      },
    ],
  };
}
