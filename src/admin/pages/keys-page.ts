import { type ApiKey, isLive } from '../../access/api-key.ts';
import { createApiKey, revokeApiKey } from '../../access/create-api-key.ts';
import { scopes } from '../../access/scopes.ts';
import { showDay, showMoment } from '../../http/format.ts';
import { dayOf, type Instant } from '../../units/time.ts';
import { type Cell, type ListSpec, listView, pageOfRows, readListState } from '../list.ts';
import type { AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/keys';

/** The API keys programs come in with. A key's secret is shown once, right after it was made. */
export const keysPage: AdminPage = {
  url,
  title: 'API keys',
  view: 'keys',
  menu: 'API keys',
  role: 'admin',
  load({ query, now }, deps) {
    const spec = specFor(deps, now);
    const state = readListState(query, spec);
    const keys = deps.access.keys
      .list()
      .filter(({ name, prefix }) => `${name} ${prefix}`.toLowerCase().includes(state.search.toLowerCase()));
    return { list: listView(spec, state, pageOfRows(keys, spec, state), keys.length), scopes, url };
  },
  actions: {
    create: {
      role: 'admin',
      act({ form, user }, { access }) {
        const name = (form.get('name') ?? '').trim() || 'unnamed';
        const made = createApiKey(access, { name, scopes: form.getAll('scope'), by: `user:${user.name}` });
        return { show: { shown: { what: `The API key “${name}”`, secret: made.secret } } };
      },
    },
    revoke: {
      role: 'admin',
      act({ form, user }, { access }) {
        revokeApiKey(access, { id: Number(form.get('id')), by: `user:${user.name}` });
        return { to: url };
      },
    },
  },
};

function specFor({ zone }: AdminDeps, now: Instant): ListSpec<ApiKey> {
  return {
    url,
    caption: 'API keys',
    searchLabel: 'Name or beginning of the key',
    emptyText: 'No program may come in yet.',
    columns: [
      { key: 'name', title: 'Name', cell: key => key.name, sortBy: key => key.name.toLowerCase() },
      { key: 'id', title: 'No.', cell: key => String(key.id), sortBy: key => key.id, number: true },
      { key: 'key', title: 'Key', cell: key => `${key.prefix}…` },
      { key: 'scopes', title: 'Scopes', cell: key => key.scopes.join(', ') },
      { key: 'since', title: 'Since', cell: key => showDay(dayOf(key.createdAt, zone)), sortBy: key => key.createdAt },
      {
        key: 'used',
        title: 'Last used',
        cell: key => (key.lastUsedAt === undefined ? 'never' : showMoment(key.lastUsedAt, zone)),
        sortBy: key => key.lastUsedAt ?? 0,
      },
      { key: 'state', title: 'State', cell: key => stateOf(key, now) },
    ],
  };
}

function stateOf(key: ApiKey, now: Instant): Cell {
  if (key.revokedAt !== undefined) return { text: 'revoked', tone: 'bad' };
  return isLive(key, now) ? { text: 'valid', tone: 'good' } : { text: 'expired', tone: 'warn' };
}
