import { z } from 'zod';
import { type FieldProblem, Refusal } from '../kernel/errors.ts';
import { type Day, parseDay, parseZone, type Zone } from '../units/time.ts';
import { type PlanCalendar, proveCalendar, publicHoliday, weekdayNames } from './calendar.ts';
import { noTax, type PricedComponent, type RegisterNeed, type TaxBasis } from './component.ts';
import { components } from './components/index.ts';
import { type Taxes, taxTerms } from './taxes.ts';

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
  /** Local days at the site, half-open; undefined when no end is set. */
  effectiveFrom: Day;
  effectiveTo: Day | undefined;
  calendar: PlanCalendar;
  /** In the order of the bill. */
  components: PricedComponent[];
}

const day = z
  .string()
  .transform(parseDay)
  .refine(day => day !== undefined, 'must be a day such as "2025-07-01"');
const monthDay = z.string().regex(/^\d\d-\d\d$/, 'must be month and day such as "12-01"');
const dayName = z.enum([...weekdayNames, publicHoliday]);

const header = z.strictObject({
  planCode: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'must be letters, digits, - and _, at most 40'),
  displayName: z.string().min(1),
  currency: z.string().refine(hasTwoDecimals, 'must be a currency code with two decimals, such as AUD'),
  taxBasis: z.enum(['EXCLUSIVE', 'INCLUSIVE']),
  taxes: taxTerms,
  effectiveFrom: day,
  effectiveTo: day.nullable().default(null),
  timeZone: z.string().refine(isClock, 'must be LOCAL, AEST or a time zone such as Europe/London').default('LOCAL'),
  holidayCalendar: z.string().min(1).optional(),
  dayTypes: z.record(z.string().min(1), z.array(dayName).min(1)).default({}),
  seasons: z.record(z.string().min(1), z.tuple([monthDay, monthDay])).default({}),
  components: z.array(z.looseObject({ kind: z.string(), code: z.string(), tax: z.string().default(noTax) })).min(1),
});
type Header = z.output<typeof header>;

/** Reads and proves a plan document. Throws 'plan-invalid' with every problem's place in the document. */
export function readPlan(document: unknown): Plan {
  const { data: terms, error } = header.safeParse(document);
  if (error) throw invalid(problemsOf(error, ''));
  const calendar = calendarOf(terms);
  const priced: PricedComponent[] = [];
  const problems = [...proveEffect(terms), ...proveCodes(terms), ...proveCalendar(calendar)];
  // Rates are proved against a calendar, so one that is broken would only raise false problems.
  const calendarIsSound = problems.length === 0;
  componentsOf(document).forEach((part, at) => {
    const { kind } = terms.components[at]!;
    const component = components.find(component => component.kind === kind);
    if (!component) {
      problems.push({ pointer: `/components/${at}/kind`, message: unknownKind(kind) });
      return;
    }
    const reading = component.read(part, calendar);
    if (!reading.ok) problems.push(...problemsOf(reading.error, `/components/${at}`));
    else {
      priced.push(reading.component);
      if (calendarIsSound) problems.push(...reading.problems.map(below(`/components/${at}`)));
    }
  });
  if (problems.length === 0) problems.push(...proveReferences(priced));
  if (problems.length > 0) throw invalid(problems);
  return {
    document,
    planCode: terms.planCode,
    displayName: terms.displayName,
    currency: terms.currency,
    taxBasis: terms.taxBasis,
    taxes: terms.taxes,
    effectiveFrom: terms.effectiveFrom,
    effectiveTo: terms.effectiveTo ?? undefined,
    calendar,
    components: priced,
  };
}

/** The registers a plan reads. */
export function registersOf(plan: Plan): RegisterNeed[] {
  return plan.components.flatMap(component => component.needs);
}

/** The components as they were given: header.components has passed through a schema that knows only their common fields. */
function componentsOf(document: unknown): unknown[] {
  return z.object({ components: z.array(z.unknown()) }).parse(document).components;
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

function proveCodes({ components, taxes }: Header): FieldProblem[] {
  return components.flatMap(({ code, tax }, at) => {
    const problems: FieldProblem[] = [];
    if (components.findIndex(other => other.code === code) < at)
      problems.push({ pointer: `/components/${at}/code`, message: `a second component is called ${code}` });
    if (tax !== noTax && !Object.hasOwn(taxes, tax))
      problems.push({
        pointer: `/components/${at}/tax`,
        message: `${tax} is not among the plan's taxes: ${[...Object.keys(taxes), noTax].join(', ')}`,
      });
    return problems;
  });
}

/** Every measure a component asks for must be there, and none may lead back to itself. */
function proveReferences(priced: PricedComponent[]): FieldProblem[] {
  return priced.flatMap((component, at) =>
    component.refersTo.flatMap(({ code, pointer }) => {
      const named = priced.find(other => other.code === code);
      const message = !named?.measure
        ? `${code} is no component of this plan that measures a quantity`
        : leadsTo(named, component, priced)
          ? `${code} in turn asks ${component.code}`
          : undefined;
      return message ? [{ pointer: `/components/${at}${pointer}`, message }] : [];
    }),
  );
}

function leadsTo(
  from: PricedComponent,
  target: PricedComponent,
  priced: PricedComponent[],
  seen = new Set<string>(),
): boolean {
  if (from === target) return true;
  if (seen.has(from.code)) return false;
  seen.add(from.code);
  return from.refersTo.some(({ code }) => {
    const next = priced.find(other => other.code === code);
    return next !== undefined && leadsTo(next, target, priced, seen);
  });
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
