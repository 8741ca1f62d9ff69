import { z } from 'zod';
import type { IntervalSeries } from '../consumption/interval-series.ts';
import { assert } from '../kernel/assert.ts';
import type { FieldProblem } from '../kernel/errors.ts';
import type { Quality } from '../readings/reading.ts';
import type { Rate } from '../units/rate.ts';
import type { Day, Instant, Zone } from '../units/time.ts';
import type { PlanCalendar } from './calendar.ts';
import type { SlotRates } from './compile.ts';
import type { Facts } from './facts.ts';
import type { WindowedRate } from './windows.ts';

/** Where a line stands on paper. */
export type ChargeGroup = 'grid' | 'solar' | 'supply' | 'feed-in' | 'other';

/** What a line is for: discounts, concessions and the minimum name the kinds of line they count. */
export const categories = [
  'USAGE',
  'CONTROLLED_LOAD',
  'DEMAND',
  'SUPPLY',
  'NETWORK',
  'GREEN',
  'FEE',
  'MINIMUM',
  'DISCOUNT',
  'CONCESSION',
  'FEED_IN',
  'ROUNDING',
] as const;
export type Category = (typeof categories)[number];

/** The tax code of a line outside tax. */
export const noTax = 'NONE';

/** A plan gives its prices without tax (EXCLUSIVE) or with it (INCLUSIVE); a component may differ from its plan. */
export const taxBases = ['EXCLUSIVE', 'INCLUSIVE'] as const;
export type TaxBasis = (typeof taxBases)[number];

/** The fields of every component that is charged with tax: spread them into its terms. */
export const taxedTerms = { tax: z.string(), taxBasis: z.enum(taxBases).optional() };

/** Local days, half-open. */
export interface Days {
  from: Day;
  to: Day;
}

/** What a line multiplies its price by besides the quantity, exactly: "/ 365", "× 31 days", "× DLF 1.0523". */
export interface Factor {
  /** As it follows the price on paper; the numbers in it are the ones below, so that a reader can repeat the sum. */
  words: string;
  numerator: bigint;
  denominator: bigint;
}

/** `quantity` counts millionths of kWh, kW and kVA, and whole days, months and pieces ('each'). */
export type Unit = 'kWh' | 'kW' | 'kVA' | 'day' | 'month' | 'each';

/** One line before its one rounding, which is rate.ts's alone: the amount is quantity × unitPrice × every factor. */
export interface Charge {
  /** The line's identity for corrections, with from: "USE.PEAK". No two charges of a segment share code and from. */
  code: string;
  group: ChargeGroup;
  category: Category;
  description: string;
  /** Clock times in words where the price depends on them, else ''. */
  when: string;
  from: Day;
  /** The last day, inclusive. */
  to: Day;
  /** In Unit's integers; negative for energy to the grid. */
  quantity: number;
  unit: Unit;
  unitPrice: Rate;
  /** In the order of the paper; usually none. */
  factors: Factor[];
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
  /** The demand intervals that were counted, for a charge on power: start and millionths of kW or kVA. */
  peaks?: { at: Instant; quantity: number }[];
}

/** A price for people to read, before anything is charged. */
export interface PriceWords {
  description: string;
  /** Clock times in words, else ''. */
  when: string;
  unitPrice: Rate;
  /** What it is for one of: "kWh", "day". */
  per: string;
  taxCode: string;
}

/** A quantity a component tells the others of, in Unit's integers: the energy of an energy component, the billing demand of a demand one. */
export interface Measure {
  quantity: number;
  unit: Unit;
}

/**
 * What a component may ask. It charges for a segment, the local days [from, to) on which one plan version is in force, and sees the
 * whole period of the bill around it: the peak of a month is one number although its price changed in between, so a demand component
 * reads `intervals(register, usage.period)` and takes only its share of days of the price.
 */
export interface Usage extends Days {
  /** The whole bill: every segment together. */
  period: Days;
  /** The site's clock: the one local days are of. */
  zone: Zone;
  calendar: PlanCalendar;
  /** On which day of the month the price's own months begin: 1 for calendar months, 7 for those from the 7th. */
  monthStartsOn: number;
  /** What the caller knows from outside the period: earlier peaks and energies, loss factors, named events, fees that fell due. */
  facts: Facts;
  /**
   * A register's intervals in `days` (the segment's when left out), without a hole; undefined when the site has no such register.
   * Only days for which the component's `needs` asked were checked: say span 'period' there to read outside the segment.
   */
  intervals(register: string, days?: Days): IntervalSeries | undefined;
  /** Which rate has each of these intervals; windows are read on the tariff's clock. A catch-all rate takes what no window claims. */
  slotRates(rates: WindowedRate[], intervals: Omit<IntervalSeries, 'quality'>): SlotRates;
  /** What another component of the same plan version measures in `days` of this segment (all when left out), by its code. */
  measure(code: string, days?: Days): Measure;
  /**
   * The days of the bill around this segment on which every segment's plan has a component of this code: where one peak may be looked
   * for. A customer who came from a plan without a demand charge is not charged for the peak of the days before.
   */
  daysWith(code: string): Days;
}

/** `optional` registers count as zero at a site that lacks them; any other is refused by name. */
export interface RegisterNeed {
  register: string;
  optional: boolean;
  /** 'period': every interval of the whole bill must be there, not only the segment's. */
  span?: 'segment' | 'period';
}

/** Another component of the plan whose measure is asked for; `kind` when only one kind will do. */
export interface Reference {
  code: string;
  /** Relative to the component. */
  pointer: string;
  kind?: string;
}

/** A way of charging, declared whole: one object in one file under components/, plus its line in components/index.ts. */
export interface ComponentDefinition<Terms extends z.ZodType> {
  kind: string;
  title: string;
  /** What the plan document says; validates, documents and draws the form. */
  terms: Terms;
  /** The registers it reads. */
  needs?(terms: z.output<Terms>): RegisterNeed[];
  /** The components whose measure it asks for; readPlan refuses a code that is not there or measures nothing. */
  refersTo?(terms: z.output<Terms>): Reference[];
  /** What the schema cannot see, with pointers relative to the component: rates that leave a gap, unknown seasons. */
  prove?(terms: z.output<Terms>, calendar: PlanCalendar): FieldProblem[];
  /** The quantity it tells others of, in `days` of the segment. */
  measure?(terms: z.output<Terms>, usage: Usage, days: Days): Measure;
  charge(terms: z.output<Terms>, usage: Usage): Charge[];
  /** Its prices in words, for pages that show a plan. */
  prices?(terms: z.output<Terms>, calendar: PlanCalendar): PriceWords[];
}

/** A component with the terms of one plan version, ready to charge. */
export interface PricedComponent {
  kind: string;
  code: string;
  /** Undefined where the plan's basis holds. */
  taxBasis: TaxBasis | undefined;
  needs: RegisterNeed[];
  refersTo: Reference[];
  measure: ((usage: Usage, days: Days) => Measure) | undefined;
  charge(usage: Usage): Charge[];
  prices: PriceWords[];
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

/** What every component says of itself. */
const common = z.object({ code: z.string(), taxBasis: z.enum(taxBases).optional() });

/** A component of the registry, out of what its file declares. */
export function component<Terms extends z.ZodType>(definition: ComponentDefinition<Terms>): Component {
  const { kind, title, measure } = definition;
  assert(!measure || !definition.refersTo, 'what others may ask asks nobody, so that no measure leads back to itself');
  return {
    kind,
    title,
    terms: definition.terms,
    read(document, calendar) {
      const { data: terms, error } = definition.terms.safeParse(document);
      if (error) return { ok: false, error };
      const { code, taxBasis } = common.parse(document);
      const priced = {
        kind,
        code,
        taxBasis,
        needs: definition.needs?.(terms) ?? [],
        refersTo: definition.refersTo?.(terms) ?? [],
        measure: measure && ((usage: Usage, days: Days) => measure(terms, usage, days)),
        charge: (usage: Usage) => definition.charge(terms, usage),
        prices: definition.prices?.(terms, calendar) ?? [],
      };
      return { ok: true, component: priced, problems: definition.prove?.(terms, calendar) ?? [] };
    },
  };
}
