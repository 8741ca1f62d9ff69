import { gapLines } from '../../consumption/gap-routes.ts';
import { findGaps, type SeriesGaps } from '../../consumption/gaps.ts';
import { isSilent, missingIn } from '../../consumption/list-gaps.ts';
import { showCount, showDay, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { KnownReadings } from '../../readings/as-known.ts';
import { knownReadings } from '../../readings/known-at.ts';
import { dayOf, type Instant, instant, startOfDay, type Zone } from '../../units/time.ts';
import { type DaysAsked, daysAsked } from '../days-asked.ts';
import { type KnownAsked, knownAsked, knownNotice } from '../known-asked.ts';
import type { AdminDeps, AdminPage, PageRequest } from '../page.ts';

const parent = '/admin/gaps';
const daysMax = 3660;
// More than a person reads; the file has them all.
const shownMax = 200;

/** What is missing at one meter point: each channel held against its grid, and what was named and never came. */
export const meterPointGapsPage: AdminPage = {
  url: '/admin/meter-points/:identifier/gaps',
  title: 'Gaps',
  view: 'meter-point-gaps',
  parent,
  role: 'viewer',
  async load(request, deps) {
    const { meterPoint, asked, page } = askedOf(request, deps);
    const { identifier, zone } = meterPoint;
    const url = href('/admin/meter-points', [identifier, 'gaps']);
    const told = { from: asked.from, until: asked.until };
    const shown = {
      ...{ url, title: `Gaps of ${identifier}`, meterPoint, asked, problem: asked.problem },
      listUrl: href(parent, [], told),
      csvUrl: href(`${url}.csv`, [], { ...told, known: asked.known }),
      ...knownNotice(asked, deps.zone, href(url, [], told)),
      pageUrl: href('/admin/meter-points', [identifier]),
    };
    if (asked.problem) return shown;
    const { series, neverDelivered } = await page();
    const known = knownReadings(deps.readings, asked.knownAt);
    const channels = series.filter(
      each => each.series.kind === 'channel' && !neverDelivered.includes(each.series.code),
    );
    return {
      ...shown,
      neverDelivered,
      channels: channels.map(found => showChannel(found, identifier, zone, known)),
      registers: series
        .filter(each => each.series.kind === 'register')
        .map(each => showRegister(each, known, startOfDay(asked.to, zone), zone)),
    };
  },
  async csv(request, deps) {
    const { meterPoint, asked, page } = askedOf(request, deps);
    if (asked.problem) throw new Refusal('period-invalid', asked.problem);
    return { name: `gaps_${asked.from}_${asked.until}`, lines: gapLines(meterPoint, await page()) };
  },
};

function askedOf({ params, query, now }: PageRequest, deps: AdminDeps) {
  const meterPoint = deps.meterPoints.get(params.identifier ?? '');
  const { zone } = meterPoint;
  const known = knownAsked(query, deps.zone);
  const days = daysAsked(query, dayOf(now, zone), daysMax);
  const asked: DaysAsked & KnownAsked = { ...days, ...known, problem: known.problem ?? days.problem };
  const { knownAt } = known;
  // What was not over then was no gap.
  const until = knownAt !== undefined && knownAt < now ? knownAt : now;
  const bounds = () => ({ from: startOfDay(asked.from, zone), to: startOfDay(asked.to, zone), knownAt });
  return { meterPoint, asked, page: () => findGaps({ ...deps, index: deps.readings }, meterPoint, bounds(), until) };
}

function showChannel(found: SeriesGaps, identifier: string, zone: Zone, readings: KnownReadings) {
  const { series, expected, received, estimated, ahead, gaps } = found;
  const days = found.days();
  const last = readings.before(series.id, found.end);
  return {
    ...{ code: series.code, expected, received, estimated, ahead },
    ...{ missing: expected - received, said: missingIn(gaps), silent: isSilent(found) },
    last: last && showMoment(instant(last.at + last.minutes * 60), zone),
    gaps: gaps.slice(0, shownMax).map(({ from, to, intervals, why }) => ({
      ...{ from: showMoment(from, zone), to: showMoment(to, zone), intervals: showCount(intervals) },
      why: why === 'missing' ? 'its sender says there is no value' : 'nobody said anything',
      url: href('/admin/meter-points', [identifier], { span: 'day', date: dayOf(from, zone) }),
    })),
    moreGaps: Math.max(0, gaps.length - shownMax),
    days: days.slice(0, shownMax).map(({ day, ...counts }) => ({
      ...counts,
      day: showDay(day),
      url: href('/admin/meter-points', [identifier], { span: 'day', date: day }),
    })),
    moreDays: Math.max(0, days.length - shownMax),
  };
}

/** Of a register nothing is expected: what came, and when it was read last. */
function showRegister({ series, received }: SeriesGaps, readings: KnownReadings, to: Instant, zone: Zone) {
  const last = readings.before(series.id, to);
  return { code: series.code, serial: series.serial, received, last: last ? showMoment(last.at, zone) : 'never' };
}
