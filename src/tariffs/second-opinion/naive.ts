import { z } from 'zod';
import type { Day } from '../../units/time.ts';
import type { RateRequest } from '../rate-request.ts';
import type { Segment } from '../segments.ts';

// Reads the stored documents with its own eyes: nothing here comes from the calendar, the compiler, the tiers or the components, so
// that a mistake in one of them does not repeat itself here. Plain on purpose: a day is found by counting days, a price by asking each
// minute. What is asked again for every meter of a run is remembered; that is all the speed there is.

/** A line before rounding: units × price (1e-8) × times / over. */
export interface NaiveLine {
  code: string;
  from: Day;
  /** What minimum, discounts and concessions call it. */
  category: string;
  units: bigint;
  price: bigint;
  times: bigint;
  over: bigint;
  taxCode: string;
  basis: 'EXCLUSIVE' | 'INCLUSIVE';
  /** Set where the quantity on paper is to be compared as well: millionths of a kWh. */
  energy: bigint | undefined;
}

export interface NaiveContext {
  plan: PlanDocument;
  segment: Segment;
  /** The whole bill, half-open. */
  period: { from: Day; to: Day };
  request: RateRequest;
}

/** One kind of component, checked by other means. `lines` is given the component's document and returns undefined to say "not learnt". */
export interface Check {
  kinds: string[];
  lines(document: unknown, context: NaiveContext): NaiveLine[] | undefined;
  /** Asks what `lines` will, of some of the days, so that it is remembered: see secondOpinionSteps. */
  hear?(document: unknown, context: NaiveContext, from: Day, to: Day): void;
}

const planDocument = z
  .object({
    timeZone: z.string().default('LOCAL'),
    dayTypes: z.record(z.string(), z.array(z.string())).default({}),
    seasons: z.record(z.string(), z.tuple([z.string(), z.string()])).default({}),
    holidayCalendar: z.string().optional(),
    jurisdiction: z.string().optional(),
    taxMode: z.enum(['TOTAL', 'LINE']).default('TOTAL'),
    taxBasis: z.enum(['EXCLUSIVE', 'INCLUSIVE']),
    taxes: z.record(z.string(), z.object({ percent: z.string(), halfCents: z.enum(['UP', 'DOWN']).optional() })),
    components: z.array(z.looseObject({ kind: z.string() })),
    fees: z.array(z.looseObject({})).default([]),
    minimum: z.unknown().optional(),
    discounts: z.array(z.unknown()).default([]),
    concessionsEligible: z.array(z.unknown()).default([]),
    payableRounding: z.object({ increment: z.string() }).optional(),
  })
  .transform(plan => ({ ...plan, parts: [...plan.components, ...plan.fees.map(fee => ({ kind: 'fee', ...fee }))] }));
export type PlanDocument = z.output<typeof planDocument>;

const readPlans = new WeakMap<object, PlanDocument>();

/** A stored document, read once. */
export function planOf({ version: { plan } }: Segment): PlanDocument {
  const key = Object(plan.document);
  const document = readPlans.get(key) ?? planDocument.parse(plan.document);
  readPlans.set(key, document);
  return document;
}

/** What a component's schema makes of its document, found once; undefined where the schema has not learnt it. */
export function reader<Schema extends z.ZodType>(schema: Schema): (document: unknown) => z.output<Schema> | undefined {
  const known = new WeakMap<object, z.output<Schema> | undefined>();
  return document => {
    const key = Object(document);
    if (!known.has(key)) known.set(key, schema.safeParse(document).data);
    return known.get(key);
  };
}

const rememberedMax = 500_000;

/** Answers that are the same whenever they are asked for. There is an end of time, but not of times: too many are all forgotten. */
export function remembered<Key, Answer>(known: Map<Key, Answer>, key: Key, find: () => Answer): Answer {
  const answer = known.get(key);
  if (answer !== undefined) return answer;
  if (known.size >= rememberedMax) known.clear();
  const found = find();
  known.set(key, found);
  return found;
}

export const basisField = { taxBasis: z.enum(['EXCLUSIVE', 'INCLUSIVE']).optional() };

export function centsOf({ units, price, times, over }: NaiveLine): bigint {
  return nearest(units * price * times, over * 1_000_000n, true);
}

/** The nearest whole number; exactly half goes away from zero when `halfUp`, toward it otherwise. */
export function nearest(numerator: bigint, denominator: bigint, halfUp: boolean): bigint {
  if (numerator < 0n) return -nearest(-numerator, denominator, halfUp);
  const whole = numerator / denominator;
  const twiceRest = (numerator - whole * denominator) * 2n;
  return twiceRest > denominator || (halfUp && twiceRest === denominator) ? whole + 1n : whole;
}

/** A decimal string in units of 1e-8. */
export function exact(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const magnitude = BigInt(whole + fraction.padEnd(8, '0'));
  return text.startsWith('-') ? -magnitude : magnitude;
}
