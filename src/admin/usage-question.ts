import { pointsOf, type UsageGroup, type UsageQuestion, usageGroups } from '../consumption/usage-analysis.ts';
import { addDays, addMonths, type Day, firstDayOf, monthOf, parseDay, type Zone } from '../units/time.ts';
import { type KnownAsked, knownAsked } from './known-asked.ts';

/** What the address of the page asks, as its form shows it: `until` is included. */
export interface UsageAsked extends UsageQuestion, KnownAsked {
  until: Day;
  knownAt: KnownAsked['knownAt'];
}

// Twenty years; and as many points as a screen has room for.
const daysMax = 7305;
const pointsMax = 400;

/** The last twelve months by month, unless it says otherwise. `today` on the clock of the site, which is `zone`. */
export function usageAsked(query: URLSearchParams, today: Day, zone: Zone): UsageAsked {
  const text = (name: string) => (query.get(name) ?? '').trim().slice(0, 100);
  const until = parseDay(text('until')) ?? today;
  const to = addDays(until, 1);
  const from = parseDay(text('from')) ?? firstDayOf(addMonths(monthOf(until), -11));
  const group: UsageGroup = usageGroups.find(each => each === text('group')) ?? 'month';
  const by = text('by') === 'region' ? 'region' : 'dwellingType';
  const filter = { search: text('q'), region: text('region'), dwellingType: text('dwelling') };
  const { problem, ...known } = knownAsked(query, zone);
  return { from, until, to, group, by, filter, ...known, problem: problem ?? problemOf(from, to, group) };
}

function problemOf(from: Day, to: Day, group: UsageGroup): string | undefined {
  if (to <= from) return 'The last day is before the first one.';
  if (Date.parse(to) - Date.parse(from) > daysMax * 86_400_000) return 'At most twenty years are shown at once.';
  if (pointsOf({ from, to, group }).length > pointsMax)
    return `More than ${pointsMax} points: choose months, quarters or years.`;
  return undefined;
}
