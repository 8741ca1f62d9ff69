import { publicHoliday, weekdayNames } from '../calendar.ts';
import type { PriceBlock, RateDraft } from './cdr-rates.ts';
import type { ImportReport } from './import-report.ts';
import type { Season } from './seasons.ts';
import { calendarOf, type WeekCalendar, type WeekSpan, windowsOf } from './week-windows.ts';

/** A component before the plan's day types are known, for these depend on all components together. */
export interface ComponentDraft {
  /** The component's document without rates and windows. */
  fields: Record<string, unknown>;
  rates?: RateDraft[];
  /** Of a demand charge; undefined: always. */
  windows?: WeekSpan[] | undefined;
  pointer: string;
}

export interface WrittenComponents {
  calendar: WeekCalendar;
  components: Record<string, unknown>[];
}

export function writeComponents(drafts: ComponentDraft[], seasons: Season[], report: ImportReport): WrittenComponents {
  const rateDrafts = drafts.map(draft => merged(draft.rates ?? []));
  const spans = drafts.flatMap((draft, at) => spansOf(draft, rateDrafts[at]!));
  const withHolidays = spans.flat().some(({ day }) => day === publicHoliday);
  const filled = drafts.map((draft, at) => {
    const rates = rateDrafts[at]!;
    return withHolidays ? withHoliday(draft, rates, report) : { ...draft, rates };
  });
  const calendar = calendarOf(
    seasons,
    filled.flatMap(draft => spansOf(draft, draft.rates)),
  );
  return { calendar, components: filled.map(draft => written(draft, draft.rates, calendar)) };
}

/** Rates of one type and price in several seasons are one rate. */
function merged(rates: RateDraft[]): RateDraft[] {
  const byPrice = new Map<string, RateDraft>();
  for (const rate of rates) {
    const key = JSON.stringify([rate.type, rate.description, rate.blocks, rate.spans === undefined]);
    const known = byPrice.get(key);
    byPrice.set(key, known ? { ...known, spans: [...(known.spans ?? []), ...(rate.spans ?? [])] } : rate);
  }
  return [...byPrice.values()].map(rate => (rate.spans?.length === 0 ? { ...rate, spans: undefined } : rate));
}

function spansOf({ windows }: ComponentDraft, rates: RateDraft[]): WeekSpan[][] {
  return [...rates.flatMap(({ spans }) => (spans ? [spans] : [])), ...(windows ? [windows] : [])];
}

/** Where others price public holidays apart, a component that does not name them must treat all days alike, and then holidays too. */
function withHoliday(draft: ComponentDraft, rates: RateDraft[], report: ImportReport) {
  const own = spansOf(draft, rates);
  if (own.length === 0 || own.some(spans => spans.some(({ day }) => day === publicHoliday))) return { ...draft, rates };
  const [first, ...others] = weekdayNames.map(day => JSON.stringify(own.map(spans => of(spans, day))));
  if (others.some(other => other !== first)) {
    report.refuse(
      draft.pointer,
      'public holidays have a price elsewhere in the plan, and here nothing is said of them',
    );
    return { ...draft, rates };
  }
  return {
    ...draft,
    rates: rates.map(rate => ({ ...rate, spans: rate.spans && alsoOnHolidays(rate.spans) })),
    windows: draft.windows && alsoOnHolidays(draft.windows),
  };
}

function of(spans: WeekSpan[], weekday: WeekSpan['day']) {
  return spans.filter(({ day }) => day === weekday).map(({ season, from, to }) => [season, from, to]);
}

function alsoOnHolidays(spans: WeekSpan[]): WeekSpan[] {
  const mondays = spans.filter(({ day }) => day === 'MON');
  return [...spans, ...mondays.map(span => ({ ...span, day: publicHoliday }) satisfies WeekSpan)];
}

function written(draft: ComponentDraft, rates: RateDraft[], calendar: WeekCalendar): Record<string, unknown> {
  const windows = draft.windows && windowsOf(draft.windows, calendar);
  const codes = new Set<string>();
  const documents = rates.map(rate => {
    const windows = rate.spans && windowsOf(rate.spans, calendar);
    const seasons = [...new Set((windows ?? []).flatMap(({ season }) => season ?? []))];
    const code = uniqueCode(rate.type, seasons, codes);
    return {
      code,
      ...(rate.description !== undefined && { description: rate.description }),
      ...(windows && { windows }),
      ...priceOf(rate.blocks),
    };
  });
  return { ...draft.fields, ...(windows && { windows }), ...(documents.length > 0 && { rates: documents }) };
}

/** "PEAK", then with its season, "PEAK_JUN_AUG", then counted. */
function uniqueCode(type: string, seasons: string[], taken: Set<string>): string {
  const base = codeOf(type);
  const inSeason = codeOf([base, ...seasons].join('_'));
  let code = taken.has(base) ? inSeason : base;
  for (let count = 2; taken.has(code); count++) code = `${base.slice(0, 28)}_${count}`;
  taken.add(code);
  return code;
}

/** A stable name as plan documents have them: capital letters, digits and _. */
export function codeOf(text: string): string {
  const code = text
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^[^A-Z]+/, '')
    .replace(/_+$/, '')
    .slice(0, 32);
  return code || 'RATE';
}

function priceOf(blocks: PriceBlock[]): Record<string, unknown> {
  const [only] = blocks;
  return blocks.length === 1 ? { unitPrice: only!.unitPrice } : { tiers: blocks };
}
