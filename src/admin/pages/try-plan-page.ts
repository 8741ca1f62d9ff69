import { type ComparedCustomer, comparePlans, type PlanComparison } from '../../billing/compare-plans.ts';
import { showPrice } from '../../billing/invoice-words.ts';
import { lastYear } from '../../billing/plan-trial-routes.ts';
import type { PlanChoice } from '../../billing/tried-plan.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { Plan, PlanVersion } from '../../tariffs/plan.ts';
import { type WeekPicture, weekPictures } from '../../tariffs/week-picture.ts';
import { dateWords } from '../../tariffs/when.ts';
import { formatRate } from '../../units/rate.ts';
import { addDays } from '../../units/time.ts';
import type { AdminDeps, AdminPage } from '../page.ts';
import { plansOfSite } from '../site-plans.ts';
import { shadeOf, weekChart } from '../week-chart.ts';

const url = '/admin/try-plan';
const accountsMax = 100;

/** A plan before it is sold: its week as a picture, and what last year's bills would have been. */
export const tryPlanPage: AdminPage = {
  url,
  title: 'Try a plan',
  view: 'try-plan',
  menu: 'Try a plan',
  role: 'viewer',
  async load({ query }, deps) {
    const versions = newestFirst(deps.plans.list());
    const chosen = find(versions, query.get('plan')) ?? versions[0];
    const other = find(versions, query.get('with'));
    const accounts = accountsIn(query.get('accounts') ?? '');
    const asked = query.has('compare');
    const meterPoint = (query.get('site') ?? '').trim().slice(0, 100);
    return {
      url,
      versions: versions.map(version => ({ value: keyOf(version), label: labelOf(version) })),
      chosen: chosen && { value: keyOf(chosen), label: labelOf(chosen), name: chosen.plan.displayName },
      other: other && keyOf(other),
      accounts: query.get('accounts') ?? '',
      accountsMax,
      asked,
      meterPoint,
      ...(chosen && weekOf(chosen.plan, query)),
      ...(asked && chosen && (await comparison(deps, [chosen, ...(other ? [other] : [])], accounts))),
      ...(meterPoint && chosen && (await plansOfSite(deps, meterPoint))),
    };
  },
};

function newestFirst(versions: PlanVersion[]): PlanVersion[] {
  return versions.toSorted((a, b) => b.createdAt - a.createdAt || b.id - a.id);
}

function keyOf({ plan, version }: PlanVersion): string {
  return `${plan.planCode}.${version}`;
}

function labelOf({ plan, version }: PlanVersion): string {
  return `${plan.planCode}, version ${version}`;
}

function find(versions: PlanVersion[], value: string | null): PlanVersion | undefined {
  return versions.find(version => keyOf(version) === value);
}

function accountsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
}

function weekOf(plan: Plan, query: URLSearchParams) {
  const { seasons } = plan.calendar;
  const season = seasons.find(({ name }) => name === query.get('season')) ?? seasons[0];
  const pictures = weekPictures(plan, season?.name ?? '');
  return {
    season: season?.name,
    seasons: seasons.map(({ name, from, to }) => ({
      name,
      words: `${dateWords(from)} to ${dateWords(to)}`,
      query: { ...Object.fromEntries(query), season: name },
    })),
    clock: plan.calendar.zone ?? 'the site’s own',
    taxWords: plan.taxBasis === 'EXCLUSIVE' ? 'before tax' : 'with tax',
    pictures: pictures.map(picture => shownPicture(picture, plan)),
  };
}

function shownPicture(picture: WeekPicture, { currency }: Plan) {
  const rates = picture.rates.map((rate, at) => ({
    ...rate,
    shade: shadeOf(picture, at),
    prices: rate.prices.map(({ description, unitPrice }) => ({
      description,
      price: `${showPrice(formatRate(unitPrice), currency)} per kWh`,
    })),
  }));
  const words = rates.map(
    ({ letter, when, prices }) => `${letter}: ${prices[0]!.description}, ${when}, ${prices[0]!.price}`,
  );
  return { ...picture, ...weekChart(picture, `${words.join('. ')}.`), rates };
}

/** Last year's bills of the accounts named, or of the first ones in the book, on the plans that are tried. */
async function comparison(deps: AdminDeps, versions: PlanVersion[], named: string[]) {
  const accounts = named.length > 0 ? named : deps.accounts.list({ limit: accountsMax }).map(({ number }) => number);
  const plans: PlanChoice[] = versions.map(({ plan, version }) => ({ planCode: plan.planCode, version }));
  if (accounts.length > accountsMax) return { problem: `At most ${accountsMax} accounts at once.` };
  try {
    const result = await comparePlans(deps, { plans, of: { accounts }, ...lastYear(deps) });
    return { result: shown(result), left: named.length > 0 ? 0 : deps.accounts.count() - accounts.length };
  } catch (error) {
    if (error instanceof Refusal) return { problem: error.message };
    throw error;
  }
}

function shown({ to, customers, ...result }: PlanComparison) {
  const billed = customers.filter(isBilled);
  return {
    ...result,
    lastDay: addDays(to, -1),
    customers: billed,
    others: customers
      .filter(customer => !isBilled(customer))
      .map(({ account, name, now, plans }) => ({
        account,
        name,
        why: now === null ? 'Nothing was supplied in these months.' : whyOf([now, ...plans]),
      })),
  };
}

function isBilled({ now, plans }: ComparedCustomer): boolean {
  return now !== null && !('refused' in now) && plans.some(plan => !('refused' in plan));
}

function whyOf(attempts: object[]): string {
  return attempts.flatMap(attempt => ('why' in attempt ? [String(attempt.why)] : []))[0] ?? '';
}
