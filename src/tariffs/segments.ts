import { Refusal } from '../kernel/errors.ts';
import type { Day } from '../units/time.ts';
import type { PlanVersion } from './plan.ts';
import type { PriceChange } from './price-override.ts';

/** Local days [from, to) at the site on which one plan version is in force. */
export interface Segment {
  from: Day;
  to: Day;
  version: PlanVersion;
  /** What the customer's contract changed in the version's prices; they are in `version` already. */
  override?: PriceChange[];
}

/**
 * Cuts [from, to) at every change of plan version and of a discount. On each day the version with the latest effectiveFrom decides, and
 * among those of
 * one day the highest version (a price correction). When that one has ended, no older one returns in its place:
 * throws 'plan-not-in-force' with the first day nobody priced.
 */
export function planSegments(versions: PlanVersion[], from: Day, to: Day): Segment[] {
  const changes = versions.flatMap(({ plan }) => [plan.effectiveFrom, ...(plan.effectiveTo ? [plan.effectiveTo] : [])]);
  const discounted = new Set(versions.flatMap(({ plan }) => plan.discounts.flatMap(({ from, to }) => [from, to])));
  changes.push(...[...discounted].filter(day => day !== undefined));
  const cuts = [...new Set([from, ...changes.filter(day => day > from && day < to)])].sort();
  const segments: Segment[] = [];
  cuts.forEach((start, at) => {
    const version = versionOn(start, versions);
    const end = cuts[at + 1] ?? to;
    const last = segments.at(-1);
    if (last?.version === version && !changesDiscount(version, start)) last.to = end;
    else segments.push({ from: start, to: end, version });
  });
  return segments;
}

/** A discount that begins or ends is a change of price. */
function changesDiscount({ plan }: PlanVersion, day: Day): boolean {
  return plan.discounts.some(({ from, to }) => from === day || to === day);
}

function versionOn(day: Day, versions: PlanVersion[]): PlanVersion {
  const [latest] = versions
    .filter(({ plan }) => plan.effectiveFrom <= day)
    .sort((a, b) => compareText(b.plan.effectiveFrom, a.plan.effectiveFrom) || b.version - a.version);
  if (!latest) throw new Refusal('plan-not-in-force', `no version of the plan is in force on ${day}`);
  const { planCode, effectiveTo } = latest.plan;
  if (effectiveTo && effectiveTo <= day)
    throw new Refusal('plan-not-in-force', `plan ${planCode} version ${latest.version} ended before ${day}`);
  return latest;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
