import type { z } from 'zod';
import type { IntervalSeries } from '../consumption/interval-series.ts';
import type { FieldProblem } from '../kernel/errors.ts';
import type { Quality } from '../readings/reading.ts';
import type { Rate } from '../units/rate.ts';
import type { Day, Instant } from '../units/time.ts';
import type { PlanCalendar } from './calendar.ts';
import type { SlotRates } from './compile.ts';
import type { WindowedRate } from './windows.ts';

export type ChargeGroup = 'grid' | 'solar' | 'supply' | 'feed-in' | 'other';
/** The tax code of a line outside tax. */
export const noTax = 'NONE';

/** One line before its one rounding, which is rate.ts's alone: the amount is quantity × unitPrice / divisor. */
export interface Charge {
  /** The line's identity for corrections, with from: "USE.PEAK". */
  code: string;
  group: ChargeGroup;
  description: string;
  /** Clock times in words where the price depends on them, else ''. */
  when: string;
  from: Day;
  /** The last day, inclusive. */
  to: Day;
  /** MicroKwh when the unit is kWh, else a whole count; negative for energy to the grid. */
  quantity: number;
  unit: 'kWh' | 'day' | 'month';
  unitPrice: Rate;
  /** 1, or the days in the month or year that unitPrice is for, when the quantity counts days. */
  divisor: number;
  taxCode: string;
  measured: Measured | undefined;
}

/** The intervals behind a line. */
export interface Measured {
  register: string;
  /** Index into the component's rates. */
  bucket: number;
  slots: number;
  /** Starts of the first and of the last interval. */
  firstSlot: Instant;
  lastSlot: Instant;
  qualities: Partial<Record<Quality, number>>;
}

/** What a component may ask about the segment it charges for: local days [from, to) on which one plan version is in force. */
export interface Usage {
  from: Day;
  to: Day;
  calendar: PlanCalendar;
  /** The segment's intervals of a register, without a hole; undefined when the site has no such register. */
  intervals(register: string): IntervalSeries | undefined;
  /** Which rate has each of these intervals. */
  slotRates(rates: WindowedRate[], intervals: IntervalSeries): SlotRates;
}

/** `optional` registers count as zero at a site that lacks them; any other is refused by name. */
export interface RegisterNeed {
  register: string;
  optional: boolean;
}

/** A way of charging, declared whole: one object in one file under components/, plus its line in components/index.ts. */
export interface ComponentDefinition<Terms extends z.ZodType> {
  kind: string;
  title: string;
  /** What the plan document says; validates, documents and draws the form. */
  terms: Terms;
  /** The registers it reads. */
  needs?(terms: z.output<Terms>): RegisterNeed[];
  /** What the schema cannot see, with pointers relative to the component: rates that leave a gap, unknown seasons. */
  prove?(terms: z.output<Terms>, calendar: PlanCalendar): FieldProblem[];
  charge(terms: z.output<Terms>, usage: Usage): Charge[];
}

/** A component with the terms of one plan version, ready to charge. */
export interface PricedComponent {
  kind: string;
  needs: RegisterNeed[];
  charge(usage: Usage): Charge[];
}

export type TermsReading =
  | { ok: true; component: PricedComponent; problems: FieldProblem[] }
  | { ok: false; error: z.ZodError };

export interface Component {
  kind: string;
  title: string;
  terms: z.ZodType;
  /** Reads the component's part of a plan document; `problems` are what its proof found. */
  read(terms: unknown, calendar: PlanCalendar): TermsReading;
}

export function component<Terms extends z.ZodType>(definition: ComponentDefinition<Terms>): Component {
  const { kind, title } = definition;
  return {
    kind,
    title,
    terms: definition.terms,
    read(document, calendar) {
      const { data: terms, error } = definition.terms.safeParse(document);
      if (error) return { ok: false, error };
      const priced = {
        kind,
        needs: definition.needs?.(terms) ?? [],
        charge: (usage: Usage) => definition.charge(terms, usage),
      };
      return { ok: true, component: priced, problems: definition.prove?.(terms, calendar) ?? [] };
    },
  };
}
