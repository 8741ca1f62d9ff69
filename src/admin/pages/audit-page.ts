import type { AuditEntry } from '../../access/audit-store.ts';
import { showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import type { Zone } from '../../units/time.ts';
import { type ListSpec, listView, readListState, rowsPerPage } from '../list.ts';
import type { AdminPage } from '../page.ts';

const url = '/admin/audit';

/** Who did what, newest first. Paged by entry number, because the trail only ever grows at its newest end. */
export const auditPage: AdminPage = {
  url,
  title: 'Audit trail',
  view: 'audit',
  menu: 'Audit',
  role: 'admin',
  load({ query }, { access, zone }) {
    const spec = specFor(zone);
    const { search } = readListState(query, spec);
    const before = Number(query.get('before') ?? Number.NaN);
    const beforeId = Number.isSafeInteger(before) && before > 0 ? before : undefined;
    const entries = access.audit.list({ search, ...(beforeId && { beforeId }), limit: rowsPerPage + 1 });
    const shown = entries.slice(0, rowsPerPage);
    const state = { search, sort: '', descending: false, page: 1, filters: {} };
    const older = entries.length > rowsPerPage ? href(url, [], { q: search, before: shown.at(-1)!.id }) : undefined;
    return { list: { ...listView(spec, state, shown, shown.length), total: 0 }, olderUrl: older };
  },
};

function specFor(zone: Zone): ListSpec<AuditEntry> {
  return {
    url,
    caption: 'Audit trail',
    searchLabel: 'Who, what or whom',
    emptyText: 'Nothing has happened yet.',
    columns: [
      { key: 'id', title: 'No.', cell: entry => String(entry.id), number: true },
      { key: 'at', title: 'When', cell: entry => showMoment(entry.at, zone), short: true },
      { key: 'who', title: 'Who', cell: entry => entry.who },
      { key: 'action', title: 'What', cell: entry => entry.action },
      { key: 'subject', title: 'Whom', cell: entry => entry.subject },
      { key: 'detail', title: 'Detail', cell: entry => describe(entry.detail) },
    ],
  };
}

function describe(detail: Record<string, unknown>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join(' · ');
}
