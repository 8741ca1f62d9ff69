import { Refusal } from '../kernel/errors.ts';
import { sha256 } from '../kernel/ids.ts';
import type { Days } from '../tariffs/component.ts';
import { type PlanVersion, readPlan } from '../tariffs/plan.ts';
import type { PlanStore } from '../tariffs/plan-store.ts';
import { planSegments, type Segment } from '../tariffs/segments.ts';

/** A plan to be tried: a document nobody has saved, one version, or, without a version, the plan as it is in force day by day. */
export type PlanChoice = { document: unknown } | { planCode: string; version?: number | undefined };

export interface TriedPlan {
  /** "HOME-1 version 3" */
  name: string;
  /** Throws 'plan-not-in-force' for a plan without a version. */
  segmentsOf(days: Days): Segment[];
}

/**
 * A document or a version is tried on any days, those before it takes effect too: next year's prices on last year's readings. Throws
 * 'plan-invalid', 'plan-unknown'.
 */
export function tryPlan(choice: PlanChoice, plans: PlanStore): TriedPlan {
  if ('planCode' in choice && choice.version === undefined) {
    const { planCode } = choice;
    return {
      name: planCode,
      segmentsOf: ({ from, to }) => planSegments(plans.versionsFor(planCode, from, to), from, to),
    };
  }
  // Read once: what is compiled of a plan is kept by the object it was read into.
  const version = versionOf(choice, plans);
  const { planCode } = version.plan;
  return {
    name: 'document' in choice ? planCode : `${planCode} version ${version.version}`,
    segmentsOf: ({ from, to }) => [{ from, to, version }],
  };
}

function versionOf(choice: PlanChoice, plans: PlanStore): PlanVersion {
  if ('document' in choice) {
    const plan = readPlan(choice.document);
    return { id: 0, version: 0, sha256: sha256(JSON.stringify(choice.document)), createdAt: 0, plan };
  }
  const { planCode, version = 0 } = choice;
  const found = plans.find(planCode, version);
  if (!found) throw new Refusal('plan-unknown', `there is no version ${version} of plan ${planCode}`);
  return found;
}
