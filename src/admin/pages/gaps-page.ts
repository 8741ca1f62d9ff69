import type { Gap, SeriesGaps } from '../../consumption/gaps.ts';
import {
  everyGap,
  type GapsQuestion,
  isSilent,
  type ListedGaps,
  listGaps,
  missingIn,
} from '../../consumption/list-gaps.ts';
import { showCount, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { KnownReadings } from '../../readings/as-known.ts';
import { knownReadings } from '../../readings/known-at.ts';
import { dayOf, formatLocal, type Instant, instant, startOfDay, type Zone } from '../../units/time.ts';
import { type DaysAsked, daysAsked } from '../days-asked.ts';
import { type KnownAsked, knownAsked, knownNotice } from '../known-asked.ts';
import { rowsPerPage } from '../list.ts';
import type { AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/gaps';
export const gapDaysMax = 366;
const shows = { gaps: 'with gaps', estimated: 'with gaps or estimates', all: 'all' } as const;

/** Which channels of all meter points lack something in a period. */
export const gapsPage: AdminPage = {
  url,
  title: 'Gaps',
  view: 'gaps',
  menu: 'Gaps',
  role: 'viewer',
  async load({ query, now }, deps) {
    const { asked, question } = questionOf(query, now, deps);
    const told = queryOf(asked, question);
    const page = {
      ...{ url, asked, ...question.filter, show: question.show, shows: Object.entries(shows) },
      regions: deps.meterPoints.directory.premises('region'),
      dwellings: deps.meterPoints.directory.premises('dwellingType'),
      csvUrl: href(`${url}.csv`, [], told),
      ...knownNotice(asked, deps.zone, href(url, [], { ...told, known: undefined })),
      problem: asked.problem,
    };
    if (asked.problem) return page;
    const { rows, looked, after } = await listGaps({ ...deps, index: deps.readings }, question, now, rowsPerPage);
    const { after: _, ...filter } = question.filter;
    const { total } = await deps.meterPoints.directory.page(filter, { limit: 0, offset: 0 });
    return {
      ...page,
      rows: rows.map(row => showRow(row, asked, now, deps)),
      looked,
      total,
      startUrl: question.filter.after ? href(url, [], told) : undefined,
      nextUrl: after && href(url, [], { ...told, after }),
    };
  },
  async csv({ query, now }, deps) {
    const { asked, question } = questionOf(query, now, deps);
    if (asked.problem) throw new Refusal('period-invalid', asked.problem);
    const lines: (string | number)[][] = [head];
    const everything = { ...question, filter: { ...question.filter, after: '' } };
    for await (const row of everyGap({ ...deps, index: deps.readings }, everything, now)) lines.push(lineOf(row));
    return { name: `gaps_${asked.from}_${asked.until}`, lines };
  },
};

const head =
  'meter_point address channel expected missing said_to_be_missing estimated gaps first_gap_from still'.split(' ');

function lineOf({ meterPoint, code, found }: ListedGaps): (string | number)[] {
  const { identifier, address, zone } = meterPoint;
  if (!found) return [identifier, address, code, '', '', '', '', '', '', 'never delivered'];
  const { expected, received, estimated, gaps } = found;
  return [
    ...[identifier, address, code, expected, expected - received, missingIn(gaps), estimated, gaps.length],
    ...[gaps[0] ? formatLocal(gaps[0].from, zone) : '', isSilent(found) ? 'yes' : ''],
  ];
}

function questionOf(query: URLSearchParams, now: Instant, { zone }: AdminDeps) {
  const [days, known] = [daysAsked(query, dayOf(now, zone), gapDaysMax), knownAsked(query, zone)];
  const asked: DaysAsked & KnownAsked = { ...days, ...known, problem: known.problem ?? days.problem };
  const text = (name: string) => (query.get(name) ?? '').trim().slice(0, 100);
  const show = (Object.keys(shows) as GapsQuestion['show'][]).find(each => each === text('show')) ?? 'gaps';
  const filter = { search: text('q'), region: text('region'), dwellingType: text('dwelling'), after: text('after') };
  return { asked, question: { from: asked.from, to: asked.to, filter, show, knownAt: asked.knownAt } };
}

function queryOf({ from, until, known }: DaysAsked & KnownAsked, { filter, show }: GapsQuestion) {
  return {
    from,
    until,
    known: known || undefined,
    q: filter.search,
    region: filter.region,
    dwelling: filter.dwellingType,
    show,
  };
}

function showRow(
  { meterPoint, code, found }: ListedGaps,
  { from, until, known, knownAt }: DaysAsked & KnownAsked,
  now: Instant,
  deps: AdminDeps,
) {
  const { identifier, address, zone } = meterPoint;
  const first = found?.gaps[0];
  return {
    ...{ identifier, address, code },
    url: href('/admin/meter-points', [identifier, 'gaps'], { from, until, known: known || undefined }),
    never: found === undefined,
    missing: found ? showCount(found.expected - found.received) : '—',
    expected: found ? showCount(found.expected) : '—',
    said: found ? showCount(missingIn(found.gaps)) : '—',
    estimated: found ? showCount(found.estimated) : '—',
    since:
      found && first
        ? sinceWords(found, first, startOfDay(from, zone), zone, knownReadings(deps.readings, knownAt))
        : '—',
    // Of a period that goes up to now.
    silent: found !== undefined && isSilent(found) && until >= dayOf(knownAt ?? now, zone),
  };
}

/** When the first gap began; one that was there when the period began, after the last reading before it. */
function sinceWords({ series }: SeriesGaps, first: Gap, from: Instant, zone: Zone, readings: KnownReadings): string {
  if (first.from > from) return showMoment(first.from, zone);
  const last = readings.before(series.id, from);
  return last ? showMoment(instant(last.at + last.minutes * 60), zone) : 'from the beginning';
}
