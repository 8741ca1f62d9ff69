import type { Day } from '../units/time.ts';

/** An account pays for a meter point on a plan, from a local day up to but not including another. */
export interface Supply {
  id: number;
  accountId: number;
  meterPointId: number;
  planCode: string;
  from: Day;
  to: Day | undefined;
}
