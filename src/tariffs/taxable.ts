import { assert } from '../kernel/assert.ts';
import type { ChargeLine } from './rated-bill.ts';
import type { Segment } from './segments.ts';
import type { Taxable } from './taxes.ts';

/** A tax is what the line's own plan version says it is: its percentage may differ before and after a change. */
export function taxableOf({ amount, taxCode, taxBasis, trace }: ChargeLine, segments: Segment[]): Taxable {
  const segment = segments.find(({ version }) => version.id === trace.planVersionId);
  assert(segment, 'a line is charged by one of the versions of its bill');
  const { taxes, taxMode } = segment.version.plan;
  return { amount, taxCode, tax: taxes[taxCode], basis: taxBasis, mode: taxMode };
}
