import { z } from 'zod';
import { Refusal } from '../kernel/errors.ts';
import type { Segment } from '../tariffs/segments.ts';
import type { SupplyTerms } from './supply-terms.ts';

const meant = z.looseObject({ customerType: z.string().optional(), jurisdiction: z.string().optional() });

/**
 * Throws 'plan-misfit' when a plan says that it is meant for other customers, or for another place, than the contract names: order of
 * concessions and rounding of tax follow from the place. A plan that does not say fits everybody.
 */
export function refuseMisfit(segments: Segment[], customer: SupplyTerms['customer']): void {
  if (!customer) return;
  for (const { from, version } of segments) {
    const { planCode, document } = version.plan;
    const { customerType, jurisdiction } = meant.parse(document);
    for (const [theirs, ours] of [
      [customerType, customer.type],
      [jurisdiction, customer.jurisdiction],
    ])
      if (theirs !== undefined && ours !== undefined && theirs !== ours)
        throw new Refusal(
          'plan-misfit',
          `from ${from} plan ${planCode} is meant for ${theirs}, the contract says ${ours}`,
        );
  }
}
