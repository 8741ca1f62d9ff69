import { Refusal } from '../kernel/errors.ts';
import type { Day } from '../units/time.ts';
import type { PlanVersion } from './plan.ts';
import { type PriceChange, withPriceChanges } from './price-override.ts';
import { planSegments, type Segment } from './segments.ts';

/** A site is on a plan for some local days, at the plan's prices or at its own. */
export interface Contract {
  from: Day;
  /** Half-open; undefined when no end is set. */
  to: Day | undefined;
  /** Of one plan: all that may matter in the contract's days. */
  versions: PlanVersion[];
  /** The contract's difference to the plan, if it has one. */
  changes?: PriceChange[];
}

/**
 * Cuts [from, to) at every change of contract, and within each at every change of the plan's version. Throws 'plan-not-in-force' for
 * a day without a contract or with two, and what planSegments and withPriceChanges throw.
 */
export function contractSegments(contracts: Contract[], from: Day, to: Day): Segment[] {
  const segments: Segment[] = [];
  for (let start = from; start < to; ) {
    const held = contracts.filter(
      contract => contract.from <= start && (contract.to === undefined || contract.to > start),
    );
    const [contract] = held;
    if (!contract || held.length > 1)
      throw new Refusal(
        'plan-not-in-force',
        `${held.length === 0 ? 'no contract holds' : 'two contracts hold'} on ${start}`,
      );
    const end = endOf(contract, contracts, to);
    segments.push(...planSegments(contract.versions, start, end).map(segment => priced(segment, contract)));
    start = end;
  }
  return segments;
}

/** Where this contract ends or, faulty as that would be, another one begins on top of it. */
function endOf(contract: Contract, contracts: Contract[], to: Day): Day {
  const ends = [
    to,
    contract.to ?? to,
    ...contracts.filter(other => other.from > contract.from).map(other => other.from),
  ];
  return ends.reduce((first, day) => (day < first ? day : first));
}

function priced(segment: Segment, { changes }: Contract): Segment {
  if (!changes) return segment;
  return { ...segment, version: withPriceChanges(segment.version, changes), override: changes };
}
