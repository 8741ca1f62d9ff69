import type { IntervalSeries } from '../consumption/interval-series.ts';
import type { Zone } from '../units/time.ts';
import type { HolidayCalendar } from './calendar.ts';
import type { EstimationMethod } from './estimate-missing.ts';
import type { Facts } from './facts.ts';
import type { Segment } from './segments.ts';

/** What is to be priced: energy, plans, and what is known besides. Both ways of rating read it. */
export interface RateRequest {
  /** Consecutive; together the period to price. See planSegments and contractSegments. */
  segments: Segment[];
  /** The site's zone: the clock of the bill's days. */
  zone: Zone;
  /** IMPORT, SOLAR, EXPORT, CONTROLLED_LOAD or a register suffix. A series may reach beyond the period. */
  registers: Map<string, IntervalSeries>;
  /** The calendars that plans may name, one per name. */
  holidayCalendars: HolidayCalendar[];
  /** What is known from outside the period; what is left out is unknown. */
  facts?: Partial<Facts>;
  /** On which day, 1 to 28, the months of monthly prices begin; 1 when left out. */
  monthStartsOn?: number;
  /** How missing intervals are filled; left out, they are refused. */
  estimation?: EstimationMethod;
  /** Which state of the readings this is, for the trace. */
  dataRevision?: string;
}
