import { showKwh, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { decideRecorded } from '../../readings/conflict-routes.ts';
import { type Conflict, listConflicts } from '../../readings/conflicts.ts';
import type { Reading } from '../../readings/reading.ts';
import { instant } from '../../units/time.ts';
import type { AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/conflicts';
const shownAtOnce = 50;

/** Readings that contradict a current one: side by side, with two buttons each. */
export const conflictsPage: AdminPage = {
  url,
  title: 'Conflicts',
  view: 'conflicts',
  menu: 'Conflicts',
  role: 'viewer',
  load({ query }, deps) {
    const search = (query.get('q') ?? '').trim().slice(0, 100);
    const meterPoint = search === '' ? undefined : deps.meterPoints.find(search);
    const before = Number(query.get('before') ?? Number.NaN);
    const from = Number.isSafeInteger(before) && before > 0 ? before : undefined;
    const unknown = search !== '' && !meterPoint;
    const page = unknown
      ? { conflicts: [], next: undefined }
      : listConflicts({ ...deps.posting, ...deps }, { meterPoint, before: from, limit: shownAtOnce });
    return {
      url,
      search,
      unknown,
      conflicts: page.conflicts.map(each => showConflict(each, deps)),
      olderUrl: page.next === undefined ? undefined : href(url, [], { q: search, before: page.next }),
      here: href(url, [], { q: search }),
    };
  },
  actions: {
    decide: {
      role: 'operator',
      async act({ form, query, user }, deps) {
        const decision = form.get('decision') === 'take' ? 'take' : 'keep';
        const reason = (form.get('reason') ?? '').slice(0, 500);
        const who = `user:${user.name}`;
        // Several at once: every box that was ticked.
        for (const id of form.getAll('conflict'))
          await decideRecorded({ ...deps.posting, ...deps }, { id, decision, reason, who });
        return { to: href(url, [], { q: query.get('q') ?? form.get('q') ?? '' }) };
      },
    },
  },
};

function showConflict({ id, meterPoint, series, reading, receivedAt, current }: Conflict, deps: AdminDeps) {
  return {
    id,
    meterPoint: meterPoint.identifier,
    meterPointUrl: href('/admin/meter-points', [meterPoint.identifier]),
    code: series.code,
    at: showMoment(reading.at, meterPoint.zone),
    minutes: reading.minutes,
    other: showReading(reading, deps),
    current: current.map(each => ({ ...showReading(each, deps), minutes: each.minutes })),
    receivedAt: showMoment(instant(receivedAt), deps.zone),
  };
}

function showReading(reading: Reading, { sources }: AdminDeps) {
  const source = sources.find(reading.source);
  const run = source?.kind === 'import' ? source.reference.split('!')[0] : undefined;
  return {
    value: Number.isNaN(reading.value) ? 'no value' : showKwh(reading.value),
    quality: reading.quality,
    from: run
      ? `import ${run}, line ${reading.line}`
      : source
        ? `${source.kind.replace('api-', '')} ${source.reference}`
        : 'unknown',
    url: run && href('/admin/imports', [run]),
  };
}
