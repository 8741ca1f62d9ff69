import { showKwh, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { Refusal } from '../../kernel/errors.ts';
import { decideRecorded } from '../../readings/conflict-routes.ts';
import { type Conflict, listConflicts } from '../../readings/conflicts.ts';
import type { Reading } from '../../readings/reading.ts';
import { instant } from '../../units/time.ts';
import { knownAsked, knownNotice } from '../known-asked.ts';
import type { ActionRequest, AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/conflicts';
const shownAtOnce = 50;
// Of all that fit a search; more of them would keep everybody else waiting.
const decidedAtOnceMax = 1000;

/** Readings that contradict a current one: side by side, with two buttons for those that are ticked. */
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
    const asked = knownAsked(query, deps.zone);
    const { knownAt } = asked;
    const page =
      unknown || asked.problem
        ? { conflicts: [], next: undefined }
        : listConflicts({ ...deps.posting, ...deps }, { meterPoint, before: from, limit: shownAtOnce, knownAt });
    return {
      ...{
        url,
        search,
        unknown,
        asked,
        problem: asked.problem,
        decided: query.get('decided'),
        past: query.get('past'),
      },
      ...knownNotice(asked, deps.zone, href(url, [], { q: search })),
      conflicts: page.conflicts.map(each => showConflict(each, deps)),
      olderUrl:
        page.next === undefined ? undefined : href(url, [], { q: search, known: asked.known, before: page.next }),
    };
  },
  actions: {
    decide: {
      role: 'operator',
      async act(request, deps) {
        const { form, user } = request;
        const decision = form.get('decision') === 'take' ? 'take' : 'keep';
        const reason = (form.get('reason') ?? '').slice(0, 500);
        const who = `user:${user.name}`;
        const ids = chosenIn(request, deps);
        let decided = 0;
        const decide = async (id: string) => {
          try {
            await decideRecorded({ ...deps.posting, ...deps }, { id, decision, reason, who });
            decided += 1;
          } catch (error) {
            // Somebody else was faster with this one; the others are decided all the same.
            if (!(error instanceof Refusal) || error.code !== 'conflict-decided') throw error;
          }
        };
        // Those of a portion become durable together.
        for (let at = 0; at < ids.length; at += shownAtOnce)
          await Promise.all(ids.slice(at, at + shownAtOnce).map(decide));
        return { to: href(url, [], { q: form.get('q') ?? '', decided, past: ids.length - decided || undefined }) };
      },
    },
  },
};

/** Every box that was ticked, or everything that fits the search. */
function chosenIn({ form }: ActionRequest, deps: AdminDeps): string[] {
  if (form.get('all') !== 'yes') return form.getAll('conflict');
  const search = (form.get('q') ?? '').trim();
  const meterPoint = search === '' ? undefined : deps.meterPoints.get(search);
  return listConflicts({ ...deps.posting, ...deps }, { meterPoint, limit: decidedAtOnceMax }).conflicts.map(
    ({ id }) => id,
  );
}

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
    value: Number.isNaN(reading.value) ? 'no value' : showKwh(reading.value, 3),
    quality: reading.quality,
    from: run
      ? `import ${run}, line ${reading.line}`
      : source
        ? `${source.kind.replace('api-', '')} ${source.reference}`
        : 'unknown',
    url: run && href('/admin/imports', [run]),
  };
}
