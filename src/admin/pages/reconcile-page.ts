import type { MeterPoint } from '../../accounts/meter-point.ts';
import { showCount, showDay, showEnergy, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { type ReconciledSeries, reconcile, type Said } from '../../imports/reconcile.ts';
import { listReconcileSources } from '../../imports/reconcile-sources.ts';
import { Refusal } from '../../kernel/errors.ts';
import { formatKwh, type MicroKwh, microKwh } from '../../units/energy.ts';
import { addDays, type Day, formatLocal, instant, parseDay, startOfDay } from '../../units/time.ts';
import { type KnownAsked, knownAsked, knownNotice } from '../known-asked.ts';
import type { AdminDeps, AdminPage } from '../page.ts';
import { runOf, sourceWords } from '../source-words.ts';

const url = '/admin/reconcile';
const shownMax = 50;
const fileLinesMax = 100_000;
const recentImports = 30;

interface Asked extends KnownAsked {
  q: string;
  a: string;
  b: string;
  code: string;
  from: Day | undefined;
  /** Included. */
  until: Day | undefined;
}

/** What two sources say of a meter point, side by side: an import, a key, a person, or what is current. */
export const reconcilePage: AdminPage = {
  url,
  title: 'Compare sources',
  view: 'reconcile',
  menu: 'Compare sources',
  role: 'viewer',
  async load({ query }, deps) {
    const asked = askedIn(query, deps);
    const meterPoint = asked.q ? deps.meterPoints.find(asked.q) : undefined;
    const page = { url, asked, meterPoint, problem: asked.problem };
    if (!meterPoint)
      return { ...page, problem: asked.q ? `There is no meter point ${asked.q}.` : undefined, sources: [], codes: [] };
    const sources = await sourcesFor(deps, meterPoint, asked);
    const codes = [...new Set(deps.meterPoints.listSeries(meterPoint.id).map(({ code }) => code))].sort();
    const chosen = { ...page, sources, codes, pageUrl: href('/admin/meter-points', [meterPoint.identifier]) };
    if (!asked.a || !asked.b || asked.problem) return chosen;
    try {
      const found = await compared(deps, meterPoint, asked, shownMax);
      const labels = [asked.a, asked.b].map(name => sources.find(({ value }) => value === name)?.label ?? name);
      return {
        ...chosen,
        labels,
        csvUrl: href(`${url}.csv`, [], queryOf(asked)),
        ...knownNotice(asked, deps.zone, href(url, [], { ...queryOf(asked), known: '' })),
        series: found.map(each => showSeries(each, meterPoint)),
      };
    } catch (error) {
      if (error instanceof Refusal) return { ...chosen, problem: error.message };
      throw error;
    }
  },
  async csv({ query }, deps) {
    const asked = askedIn(query, deps);
    if (asked.problem) throw new Refusal('timestamp-invalid', asked.problem);
    const meterPoint = deps.meterPoints.get(asked.q);
    const found = await compared(deps, meterPoint, asked, fileLinesMax);
    return { name: 'compared-sources', lines: [head, ...found.flatMap(each => linesOf(each, meterPoint))] };
  },
};

const head = 'meter_point code at value_a quality_a value_b quality_b difference'.split(' ');

function askedIn(query: URLSearchParams, { zone }: AdminDeps): Asked {
  const text = (name: string) => (query.get(name) ?? '').trim().slice(0, 220);
  const days = { from: parseDay(text('from')), until: parseDay(text('until')) };
  return { q: text('q'), a: text('a'), b: text('b'), code: text('code'), ...days, ...knownAsked(query, zone) };
}

function queryOf({ q, a, b, code, from, until, known }: Asked) {
  return { q, a, b, code, from, until, known };
}

/** Without days, all that the imports among the two speak of; without an import, everything. */
async function compared(deps: AdminDeps, meterPoint: MeterPoint, asked: Asked, differencesMax: number) {
  const { a, b, code, from, until, knownAt } = asked;
  const { zone } = meterPoint;
  const question = {
    ...{ a, b, differencesMax, knownAt },
    from: from ? startOfDay(from, zone) : instant(0),
    to: until ? startOfDay(addDays(until, 1), zone) : instant(1e10),
    whereFilesSpeak: !from && !until,
  };
  const found = await reconcile({ ...deps, index: deps.readings }, meterPoint, question);
  return code ? found.filter(({ series }) => series.code === code) : found;
}

/** What can be chosen: what is current, who said what is stored, the newest imports, and what the address names besides. */
async function sourcesFor(deps: AdminDeps, meterPoint: MeterPoint, { a, b, knownAt }: Asked) {
  const stored = await listReconcileSources({ ...deps, index: deps.readings }, meterPoint);
  const recent = deps.imports.list({ search: '', limit: recentImports, offset: 0 }).map(({ id }) => `import:${id}`);
  // A file that was handed in later could be chosen only to be refused.
  const isThere = (name: string) => (runOf(name, deps)?.startedAt ?? 0) <= (knownAt ?? Number.POSITIVE_INFINITY);
  const names = new Set(['current', ...[...stored, ...recent].filter(isThere), ...[a, b].filter(Boolean)]);
  return [...names].map(value => ({ value, label: labelOf(value, deps, knownAt) }));
}

function labelOf(name: string, deps: AdminDeps, knownAt: Asked['knownAt']): string {
  if (name === 'current') return knownAt === undefined ? 'What is current' : 'What was current';
  return sourceWords(name, deps);
}

function showSeries({ series, days, differences }: ReconciledSeries, { identifier, zone }: MeterPoint) {
  const total = (name: 'same' | 'differing' | 'onlyA' | 'onlyB') => days.reduce((sum, day) => sum + day[name], 0);
  const sumA = added(days.map(day => day.sumA));
  const sumB = added(days.map(day => day.sumB));
  const differing = total('differing') + total('onlyA') + total('onlyB');
  const silent =
    differing > 0 &&
    (['A', 'B'] as const).find(side => total(side === 'A' ? 'onlyB' : 'onlyA') === differing + total('same'));
  return {
    ...{ kind: series.kind, code: series.code, serial: series.serial, unit: series.unit, differing, silent },
    counts: (['same', 'differing', 'onlyA', 'onlyB'] as const).map(name => ({ name, count: total(name) })),
    sums: sumA !== undefined &&
      sumB !== undefined && { a: showEnergy(sumA, 3), b: showEnergy(sumB, 3), difference: signed(sumA, sumB) },
    days: days
      .filter(day => day.differing + day.onlyA + day.onlyB > 0)
      .slice(0, shownMax)
      .map(({ day, sumA: a, sumB: b, ...counts }) => ({
        ...counts,
        day: showDay(day),
        url: href('/admin/meter-points', [identifier], { span: 'day', date: day }),
        ...{ a: shown(a), b: shown(b), difference: a === undefined || b === undefined ? '—' : signed(a, b) },
      })),
    differences: differences.map(({ at, a, b }) => ({
      at: showMoment(at, zone),
      ...{ a: said(a), b: said(b), difference: a && b ? signed(a.value, b.value) : '—' },
    })),
    moreDifferences: Math.max(0, differing - differences.length),
    sameWords: showCount(total('same')),
  };
}

function linesOf({ series: { code }, differences }: ReconciledSeries, { identifier, zone }: MeterPoint): string[][] {
  return differences.map(({ at, a, b }) => [
    ...[identifier, code, formatLocal(at, zone)],
    ...[a ? formatKwh(a.value) : '', a?.quality ?? '', b ? formatKwh(b.value) : '', b?.quality ?? ''],
    a && b ? formatKwh(microKwh(b.value - a.value)) : '',
  ]);
}

/** undefined where a register is meant, whose values are no amounts. */
function added(sums: (MicroKwh | undefined)[]): MicroKwh | undefined {
  return sums.reduce<MicroKwh | undefined>(
    (all, each) => (all === undefined || each === undefined ? undefined : microKwh(all + each)),
    microKwh(0),
  );
}

function shown(energy: MicroKwh | undefined): string {
  return energy === undefined ? '—' : showEnergy(energy, 3);
}

function said(one: Said | undefined) {
  return one ? { value: showEnergy(one.value, 3), quality: one.quality } : undefined;
}

function signed(a: MicroKwh, b: MicroKwh): string {
  return b > a ? `+${showEnergy(microKwh(b - a), 3)}` : showEnergy(microKwh(b - a), 3);
}
