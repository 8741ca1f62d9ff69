import { z } from 'zod';
import { type FieldProblem, Refusal } from '../kernel/errors.ts';
import { type Day, parseDay, parseZone, type Zone } from '../units/time.ts';
import {
  type ConcessionTerms,
  concessionTerms,
  type DiscountTerms,
  discountTerms,
  type MinimumTerms,
  minimumTerms,
  type PayableRoundingTerms,
  payableRoundingTerms,
  sourceTerms,
} from './bill-terms.ts';
import { type PlanCalendar, proveCalendar, publicHoliday, weekdayNames } from './calendar.ts';
import { noTax, type PricedComponent, type RegisterNeed, type TaxBasis } from './component.ts';
import { type FeeTerms, feeTerms } from './components/fee.ts';
import { components } from './components/index.ts';
import { type Jurisdiction, jurisdictionNames, jurisdictions } from './jurisdictions.ts';
import { type Taxes, type TaxMode, taxModes, taxTerms } from './taxes.ts';

/** One version of a price plan: its document as it was saved, and what the document means. */
export interface PlanVersion {
  id: number;
  version: number;
  sha256: string;
  /** Epoch seconds. */
  createdAt: number;
  plan: Plan;
}

export interface Plan {
  /** As given: JSON. */
  document: unknown;
  planCode: string;
  displayName: string;
  currency: string;
  taxBasis: TaxBasis;
  taxes: Taxes;
  taxMode: TaxMode;
  /** Local days at the site, half-open; undefined when no end is set. */
  effectiveFrom: Day;
  effectiveTo: Day | undefined;
  calendar: PlanCalendar;
  /** In the order of the bill. */
  components: PricedComponent[];
  /** What is said of the bill as a whole; the order in which it counts stands in rate.ts. */
  percentFees: FeeTerms[];
  minimum: MinimumTerms | undefined;
  discounts: DiscountTerms[];
  concessions: ConcessionTerms[];
  payableRounding: PayableRoundingTerms | undefined;
}

const day = z
  .string()
  .transform(parseDay)
  .refine(day => day !== undefined, 'must be a day such as "2025-07-01"');
const monthDay = z.string().regex(/^\d\d-\d\d$/, 'must be month and day such as "12-01"');
const dayName = z.enum([...weekdayNames, publicHoliday]);

// What fits on paper. Beyond these a document is no plan, and reading it would keep meters waiting.
const nameMax = 200;
const partsMax = 200;
const seasonsMax = 53;

/** The document without its components, which read themselves. */
export const planHeader = z.strictObject({
  planCode: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'must be letters, digits, - and _, at most 40'),
  displayName: z.string().trim().min(1).max(nameMax),
  customerType: z.enum(['RESIDENTIAL', 'BUSINESS', 'COMMUNITY']).optional(),
  /** Where the document came from. The version number is the store's to give. */
  source: sourceTerms.optional(),
  currency: z.string().refine(hasTwoDecimals, 'must be a currency code with two decimals, such as AUD'),
  taxBasis: z.enum(['EXCLUSIVE', 'INCLUSIVE']),
  taxes: taxTerms,
  /** Decides what the plan leaves out: where half a cent of tax goes, how tax is taken, and when a concession counts. */
  jurisdiction: z.enum(jurisdictionNames).optional(),
  taxMode: z.enum(taxModes).optional(),
  effectiveFrom: day,
  effectiveTo: day.nullable().default(null),
  timeZone: z.string().refine(isClock, 'must be LOCAL, AEST or a time zone such as Europe/London').default('LOCAL'),
  holidayCalendar: z.string().min(1).optional(),
  dayTypes: z.record(z.string().min(1), z.array(dayName).min(1)).default({}),
  seasons: z
    .record(z.string().min(1), z.tuple([monthDay, monthDay]))
    .refine(seasons => Object.keys(seasons).length <= seasonsMax, `must be at most ${seasonsMax} seasons`)
    .default({}),
  components: z
    .array(z.looseObject({ kind: z.string(), code: z.string(), tax: z.string().default(noTax) }))
    .min(1)
    .max(partsMax),
  /** Fees may stand here, apart, instead of among the components: the same terms without their kind. */
  fees: z
    .array(z.looseObject({ code: z.string(), tax: z.string().default(noTax) }))
    .max(partsMax)
    .default([]),
  minimum: minimumTerms.optional(),
  discounts: z.array(discountTerms).default([]),
  concessionsEligible: z.array(concessionTerms).default([]),
  payableRounding: payableRoundingTerms.optional(),
});
type Header = z.output<typeof planHeader>;

/** Reads and proves a plan document. Throws 'plan-invalid' with every problem's place in the document. */
export function readPlan(document: unknown): Plan {
  const { data: terms, error } = planHeader.safeParse(document);
  if (error) throw invalid(problemsOf(error, ''));
  const calendar = calendarOf(terms);
  const priced: PricedComponent[] = [];
  const parts = partsOf(document);
  const problems = [
    ...proveEffect(terms),
    ...proveCodes(parts, terms),
    ...proveBill(terms),
    ...proveCalendar(calendar),
  ];
  // Rates are proved against a calendar, so one that is broken would only raise false problems.
  const calendarIsSound = problems.length === 0;
  for (const { part, pointer } of parts) {
    const component = components.find(component => component.kind === part.kind);
    if (!component) {
      problems.push({ pointer: `${pointer}/kind`, message: unknownKind(part.kind) });
      continue;
    }
    const reading = component.read(part, calendar);
    if (!reading.ok) problems.push(...problemsOf(reading.error, pointer));
    else {
      priced.push(reading.component);
      if (calendarIsSound) problems.push(...reading.problems.map(below(pointer)));
    }
  }
  if (problems.length === 0) problems.push(...proveReferences(priced));
  if (problems.length > 0) throw invalid(problems);
  return {
    document,
    planCode: terms.planCode,
    displayName: terms.displayName,
    currency: terms.currency,
    taxBasis: terms.taxBasis,
    taxes: taxesOf(terms),
    taxMode: terms.taxMode ?? placeOf(terms).taxMode,
    effectiveFrom: terms.effectiveFrom,
    effectiveTo: terms.effectiveTo ?? undefined,
    calendar,
    components: priced,
    percentFees: percentFeesOf(parts),
    minimum: terms.minimum,
    discounts: terms.discounts,
    concessions: terms.concessionsEligible.map(concession => ({ ...concession, order: orderOf(concession, terms) })),
    payableRounding: terms.payableRounding,
  };
}

/** The registers a plan reads. */
export function registersOf(plan: Plan): RegisterNeed[] {
  return plan.components.flatMap(component => component.needs);
}

interface Part {
  part: { kind: string; code: string; tax?: string | undefined };
  pointer: string;
}

const partList = z.array(z.looseObject({ kind: z.string(), code: z.string(), tax: z.string().optional() }));

/** Components and fees as they were given: the header knows only their common fields, and would fill in what was left out. */
function partsOf(document: unknown): Part[] {
  const given = z.object({ components: partList, fees: z.array(z.looseObject({})).default([]) }).parse(document);
  const fees = partList.parse(given.fees.map(fee => ({ kind: 'fee', ...fee })));
  return [
    ...given.components.map((part, at) => ({ part, pointer: `/components/${at}` })),
    ...fees.map((part, at) => ({ part, pointer: `/fees/${at}` })),
  ];
}

/** Their terms have been read and found sound. */
function percentFeesOf(parts: Part[]): FeeTerms[] {
  const fees = parts.filter(({ part }) => part.kind === 'fee').map(({ part }) => feeTerms.parse(part));
  return fees.filter(fee => fee.trigger === 'PERCENT_OF_BILL');
}

function placeOf({ jurisdiction }: Header): Jurisdiction {
  return jurisdiction ? jurisdictions[jurisdiction] : { taxMode: 'TOTAL', halfCents: 'UP', concessionOrder: undefined };
}

function taxesOf(terms: Header): Taxes {
  const { halfCents } = placeOf(terms);
  return Object.fromEntries(Object.entries(terms.taxes).map(([code, tax]) => [code, { halfCents, ...tax }]));
}

function orderOf({ order }: ConcessionTerms, terms: Header) {
  return order ?? placeOf(terms).concessionOrder;
}

function calendarOf(terms: Header): PlanCalendar {
  return {
    zone: tariffZone(terms.timeZone),
    seasons: Object.entries(terms.seasons).map(([name, [from, to]]) => ({ name, from, to })),
    dayTypes: Object.entries(terms.dayTypes).map(([name, days]) => ({ name, days })),
    holidayCalendar: terms.holidayCalendar,
  };
}

/** AEST is the market's clock, +10 all year; LOCAL is the site's. */
function tariffZone(timeZone: string): Zone | undefined {
  if (timeZone === 'LOCAL') return undefined;
  return parseZone(timeZone === 'AEST' ? '+10:00' : timeZone);
}

function isClock(timeZone: string): boolean {
  return timeZone === 'LOCAL' || tariffZone(timeZone) !== undefined;
}

/** Cents has two decimals. */
function hasTwoDecimals(currency: string): boolean {
  if (!/^[A-Z]{3}$/.test(currency)) return false;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits === 2;
}

function proveEffect({ effectiveFrom, effectiveTo }: Header): FieldProblem[] {
  if (effectiveTo === null || effectiveTo > effectiveFrom) return [];
  return [{ pointer: '/effectiveTo', message: 'must be after effectiveFrom; it is the first day without the plan' }];
}

function proveCodes(parts: Part[], { taxes, customerType }: Header): FieldProblem[] {
  return parts.flatMap(({ part: { kind, code, tax = noTax }, pointer }, at) => {
    const problems: FieldProblem[] = [];
    if (parts.findIndex(other => other.part.code === code) < at)
      problems.push({ pointer: `${pointer}/code`, message: `a second component is called ${code}` });
    // A household's credit is no taxable supply; an enterprise or a community may be registered and must then add the tax.
    if (kind === 'feedIn' && tax !== noTax && (customerType ?? 'RESIDENTIAL') === 'RESIDENTIAL')
      problems.push({
        pointer: `${pointer}/tax`,
        message: 'must be NONE: a household’s feed-in credit is outside tax',
      });
    return [...problems, ...proveTax(tax, taxes, pointer)];
  });
}

function proveTax(tax: string, taxes: object, pointer: string): FieldProblem[] {
  if (tax === noTax || Object.hasOwn(taxes, tax)) return [];
  const known = [...Object.keys(taxes), noTax].join(', ');
  return [{ pointer: `${pointer}/tax`, message: `${tax} is not among the plan's taxes: ${known}` }];
}

/** What is said of the whole bill: its taxes, its codes, and what the jurisdiction must decide and cannot. */
function proveBill(terms: Header): FieldProblem[] {
  const { taxes, minimum, discounts, concessionsEligible } = terms;
  const problems: FieldProblem[] = [];
  const needTax = (tax: string | undefined, pointer: string) => {
    if (tax !== undefined) problems.push(...proveTax(tax, taxes, pointer));
    else if (Object.keys(taxes).length > 1)
      problems.push({ pointer: `${pointer}/tax`, message: 'the plan has several taxes: say which, or NONE' });
  };
  if (minimum) needTax(minimum.tax, '/minimum');
  discounts.forEach(({ methodUType, tax, code, from, to }, at) => {
    const pointer = `/discounts/${at}`;
    if (methodUType === 'fixedAmount') needTax(tax, pointer);
    if (discounts.findIndex(other => other.code === code) < at)
      problems.push({ pointer: `${pointer}/code`, message: `a second discount is called ${code}` });
    if (from !== undefined && to !== undefined && to <= from)
      problems.push({ pointer: `${pointer}/to`, message: 'must be after from' });
  });
  concessionsEligible.forEach((concession, at) => {
    const pointer = `/concessionsEligible/${at}`;
    if (concessionsEligible.findIndex(({ code }) => code === concession.code) < at)
      problems.push({ pointer: `${pointer}/code`, message: `a second concession is called ${concession.code}` });
    const order = orderOf(concession, terms);
    if (order === undefined)
      problems.push({
        pointer: `${pointer}/order`,
        message: 'say BEFORE_TAX or AFTER_TAX: the plan names no jurisdiction that decides it',
      });
    if (order === 'BEFORE_TAX') needTax(concession.tax, pointer);
  });
  return problems;
}

/** Every measure a component asks for must be there; what measures asks nobody (component.ts), so none leads back to itself. */
function proveReferences(priced: PricedComponent[]): FieldProblem[] {
  return priced.flatMap((component, at) =>
    component.refersTo.flatMap(({ code, pointer, kind }) => {
      const named = priced.find(other => other.code === code && (kind === undefined || other.kind === kind));
      if (named?.measure) return [];
      const message = `${code} is no ${kind ?? 'component'} of this plan that measures a quantity`;
      return [{ pointer: `/components/${at}${pointer}`, message }];
    }),
  );
}

function unknownKind(kind: string): string {
  return `there is no component kind "${kind}"; there are ${components.map(component => component.kind).join(', ')}`;
}

function problemsOf(error: z.ZodError, prefix: string): FieldProblem[] {
  return error.issues.flatMap(issue => {
    if (issue.code !== 'unrecognized_keys')
      return [{ pointer: prefix + pointerOf(issue.path), message: issue.message }];
    return issue.keys.map(key => ({
      pointer: prefix + pointerOf([...issue.path, key]),
      message: `"${key}" is not a field this version of wattledger can bill`,
    }));
  });
}

/** RFC 6901 */
function pointerOf(path: PropertyKey[]): string {
  return path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function below(prefix: string): (problem: FieldProblem) => FieldProblem {
  return ({ pointer, message }) => ({ pointer: prefix + pointer, message });
}

function invalid(problems: FieldProblem[]): Refusal {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new Refusal('plan-invalid', `${first?.pointer}: ${first?.message}${more}`, problems);
}
