import { comparePlans, type PlanTotal } from '../billing/compare-plans.ts';
import { lastYear, savedPlans } from '../billing/plan-trial-routes.ts';
import { Refusal } from '../kernel/errors.ts';
import { addDays } from '../units/time.ts';
import type { AdminDeps } from './page.ts';

/** Last year's bills of one meter point on the newest version of every saved plan, the cheapest first. */
export async function plansOfSite(deps: AdminDeps, meterPoint: string) {
  try {
    const days = lastYear(deps);
    const asked = { ...days, plans: savedPlans(deps), of: { meterPoints: [meterPoint] } };
    const { customers, currency } = await comparePlans(deps, asked);
    const [{ now, plans, cheapest } = { now: null, plans: [], cheapest: null }] = customers;
    return {
      site: {
        ...{ meterPoint, currency, cheapest, from: days.from, lastDay: addDays(days.to, -1) },
        now: now && !('refused' in now) ? { ...now, isCheapest: now.plans.join(' and ') === cheapest } : undefined,
        whyNoNow: now === null ? 'Nobody pays for it over all of these months.' : 'why' in now ? now.why : '',
        plans: plans.toSorted((a, b) => rankOf(a) - rankOf(b)),
      },
    };
  } catch (error) {
    if (error instanceof Refusal) return { problem: error.message };
    throw error;
  }
}

/** By cents; a plan that leaves something out after those that price all, one that could not be tried last. */
function rankOf(plan: PlanTotal): number {
  if ('refused' in plan) return Number.POSITIVE_INFINITY;
  const cents = Number(plan.total.replace('.', ''));
  return plan.unpriced.length > 0 ? cents + 1e15 : cents;
}
