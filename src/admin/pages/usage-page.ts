import { type Usage, usageGroups } from '../../consumption/usage-analysis.ts';
import { showEnergy } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { addDays, dayOf } from '../../units/time.ts';
import { knownNotice } from '../known-asked.ts';
import type { AdminDeps, AdminPage } from '../page.ts';
import { usageChart } from '../usage-chart.ts';
import { type UsageAsked, usageAsked } from '../usage-question.ts';
import { gapDaysMax } from './gaps-page.ts';

const url = '/admin/usage';

/** Usage of all meter points, or of some, over any days: a line by day, month, quarter or year, and shares (P0-14, P0-15, P0-17). */
export const usagePage: AdminPage = {
  url,
  title: 'Usage',
  view: 'usage',
  menu: 'Usage',
  role: 'viewer',
  async load({ query, now }, deps) {
    const asked = usageAsked(query, dayOf(now, deps.zone), deps.zone);
    const page = { url, asked, ...choicesOf(deps), problem: asked.problem };
    if (asked.problem) return page;
    const usage = await deps.usage.answer(asked);
    return {
      ...page,
      chart: usageChart(usage, asked.group),
      usage,
      shares: sharesOf(usage),
      csvUrl: href(`${url}/file`, [], queryOf(asked)),
      ...knownNotice(asked, deps.zone, href(url, [], { ...queryOf(asked), by: asked.by, known: '' })),
      // That page shows what is missing now.
      ...(asked.knownAt === undefined && { gapsUrl: href('/admin/gaps', [], gapsOf(asked)) }),
    };
  },
};

function choicesOf({ meterPoints }: AdminDeps) {
  return {
    groups: usageGroups,
    regions: meterPoints.directory.premises('region'),
    dwellings: meterPoints.directory.premises('dwellingType'),
  };
}

function queryOf({ from, until, group, filter, known }: UsageAsked) {
  return { from, until, group, known, q: filter.search, region: filter.region, dwelling: filter.dwellingType };
}

/** The same meter points on the same days, as many of the last ones as that page looks at. */
function gapsOf({ from, until, filter }: UsageAsked) {
  const first = addDays(until, 1 - gapDaysMax);
  return {
    ...{ from: from > first ? from : first, until },
    ...{ q: filter.search, region: filter.region, dwelling: filter.dwellingType },
  };
}

/** Parts of a thousand: of a length on the screen, and of a figure with one decimal. */
function sharesOf({ shares, totals }: Usage) {
  const total = totals['from-grid'] ?? 0;
  return shares.map(({ name, energy, meterPoints }) => {
    const permille = total === 0 ? 0 : Math.round((energy * 1000) / total);
    return {
      ...{ name: name || 'not told', meterPoints, permille },
      energy: showEnergy(energy, 3),
      percent: `${Math.floor(permille / 10)}.${permille % 10} %`,
    };
  });
}
