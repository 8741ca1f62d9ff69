import { z } from 'zod';
import { estimationMethods } from '../tariffs/estimate-missing.ts';
import { priceChanges } from '../tariffs/price-override.ts';
import { type Day, type Month, parseDay, parseMonth, parseZone, type Zone } from '../units/time.ts';

/**
 * A bill whose answer is known: plan, site, energy and period on one side, the lines and totals that somebody printed (or worked out by
 * hand) on the other. One JSON file each; test/bill-cases/README.md explains every field with examples. Money, kWh and kW are decimal
 * strings. Nothing is left unread: a field that is not listed here is refused by its name.
 */
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a decimal string such as "0.3729"');
const money = z.string().regex(/^-?\d+(\.\d{1,2})?$/, 'must be money with at most two decimals, such as "129.04"');
const day = z
  .string()
  .refine(text => parseDay(text) !== undefined, 'must be a day such as "2025-07-01"')
  .transform(text => text as Day);
const month = z
  .string()
  .refine(text => parseMonth(text) !== undefined, 'must be a month such as "2025-07"')
  .transform(text => text as Month);
const zone = z
  .string()
  .refine(text => parseZone(text) !== undefined, 'must be a zone such as Australia/Sydney or +10:00')
  .transform(text => text as Zone);
const clockTime = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a clock time from 00:00 to 24:00');
const weekday = z.enum(['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN']);

/** Local days, half-open: `to` is the first day after. */
const days = z.strictObject({ from: day, to: day }).refine(({ from, to }) => from < to, 'to must be after from');

/** Which slots of the series: by local day, weekday and clock time. All that is left out means every. */
const where = {
  from: day.optional(),
  to: day.optional(),
  days: z.array(weekday).min(1).optional(),
  hours: z.tuple([clockTime, clockTime]).optional(),
};

/** Energy for some slots. Layers are added on top of each other; exactly one of the amounts is given. */
const layer = z
  .strictObject({
    ...where,
    /** kWh in every slot. */
    each: decimal.optional(),
    /** The same power all the time. */
    kw: decimal.optional(),
    /** kWh of all these slots together, spread evenly; the last millionths go to the first slots. */
    total: decimal.optional(),
    /** kWh of all these slots of one local day together, every day. */
    totalPerDay: decimal.optional(),
    /** kWh in each of the 24 clock hours of a day, spread evenly over the hour. */
    byHour: z.array(decimal).length(24).optional(),
    /** kWh slot by slot, from the first slot of `from`. */
    values: z.array(decimal).min(1).optional(),
    /** kWh in the slot that holds a wall clock time, "2023-03-31T23:59". */
    at: z.record(z.string(), decimal).optional(),
    /** A column of a CSV file with a header line, row by row from the first slot of `from`; kW are made kWh. */
    file: z.string().min(1).optional(),
    column: z.string().min(1).optional(),
    unit: z.enum(['kWh', 'kW']).optional(),
    /** The length of the file's rows, when not the series' own; a longer row is spread evenly over its slots. */
    rowMinutes: z.number().int().positive().optional(),
    /** Only the file's values above zero, or those below it. */
    only: z.enum(['POSITIVE', 'NEGATIVE']).optional(),
    /** true: the energy counts the other way. */
    minus: z.boolean().optional(),
    /** true: nobody knows these slots. */
    missing: z.literal(true).optional(),
  })
  .refine(layer => amounts.filter(name => layer[name] !== undefined).length === 1, {
    message: 'give exactly one of each, kw, total, totalPerDay, byHour, values, at, file, missing',
  });
const amounts = ['each', 'kw', 'total', 'totalPerDay', 'byHour', 'values', 'at', 'file', 'missing'] as const;

const series = z.strictObject({
  stepMinutes: z.number().int().positive().default(30),
  /** Local days the readings cover; from the first day of the first bill to the last day of the last one when left out. */
  from: day.optional(),
  to: day.optional(),
  layers: z.array(layer).min(1),
  /** After adding up: what is above zero, or what is below it turned positive. So two registers can share their layers. */
  keep: z.enum(['POSITIVE', 'NEGATIVE']).optional(),
  quality: z.enum(['actual', 'estimated', 'substituted']).default('actual'),
});

const line = z.strictObject({
  /** A line's code, or the part before the first point for all lines of a component: "USE" is USE.PEAK and USE.OFF_PEAK. */
  code: z.string().min(1),
  /** The line's first day, where the code alone does not say which one. */
  from: day.optional(),
  /** Sums of all the lines that fit. */
  quantity: decimal.optional(),
  amount: money.optional(),
  unit: z.string().optional(),
  unitPrice: z.string().optional(),
  taxCode: z.string().optional(),
  /** How many lines fit. */
  count: z.number().int().nonnegative().optional(),
});

export const billCaseSchema = z
  .strictObject({
    title: z.string().min(1),
    /** Where the answer comes from, or the arithmetic that gives it. */
    source: z.string().min(1),
    site: z.strictObject({
      /** The clock of the bill's days. */
      zone,
      /** The day of the month, 1 to 28, on which monthly prices begin anew. */
      monthStartsOn: z.number().int().min(1).max(28).optional(),
      /** What the plans' holidayCalendar names mean. */
      holidays: z.array(z.strictObject({ name: z.string(), from: day, to: day, days: z.array(day) })).default([]),
    }),
    /** Plan documents, in the order in which they were saved: versions of one plan, or of several. */
    plans: z.array(z.looseObject({ planCode: z.string() })).min(1),
    /** Who pays on which plan and when; the first plan all the time when left out. */
    supplies: z
      .array(
        z.strictObject({
          plan: z.string(),
          from: day,
          to: day.optional(),
          /** Prices of this customer's own, as a difference to the plan. */
          changes: priceChanges.optional(),
        }),
      )
      .optional(),
    /** How missing intervals are filled; without it they are refused. */
    estimation: z.enum(estimationMethods).optional(),
    /** One bill, or with `billed` one bill for every calendar month of it. */
    period: z.strictObject({ from: day, to: day, billed: z.literal('P1M').optional() }).optional(),
    /** Several bills. */
    periods: z.array(days).min(1).optional(),
    registers: z.record(z.string().regex(/^[A-Z0-9_]{1,20}$/), series).default({}),
    /** What rating is told from outside the readings; the fields of tariffs/facts.ts, as a case writes them. */
    facts: z
      .strictObject({
        lossFactors: z.strictObject({ DLF: decimal.optional(), MLF: decimal.optional() }).optional(),
        /** By the contract: { "CONTRACT_KW": "132" }. */
        quantities: z.record(z.string(), decimal).default({}),
        /** Peaks of months before the first bill; those of the bills follow by themselves. */
        peaks: z.array(z.strictObject({ code: z.string(), month, quantity: decimal })).default([]),
        energies: z.array(z.strictObject({ code: z.string(), from: day, to: day, energy: decimal })).default([]),
        /** Instants with Z or an offset, or wall clock times of the site. */
        events: z
          .array(
            z.strictObject({
              name: z.string(),
              periods: z.array(z.strictObject({ from: z.string(), to: z.string() })),
            }),
          )
          .default([]),
        fees: z.array(z.strictObject({ code: z.string(), on: day, reason: z.string().optional() })).default([]),
        concessions: z
          .array(z.strictObject({ code: z.string(), from: day, to: day.optional(), amount: decimal.optional() }))
          .default([]),
      })
      .optional(),
    /** What was known before the first bill. */
    earlier: z
      .strictObject({
        /** What the customer owed after the last invoice. */
        balance: money.default('0'),
        payments: z.array(z.strictObject({ on: day, amount: money })).default([]),
      })
      .optional(),
    expected: z.strictObject({
      /** Every line of the bills must be among them, unless otherLines allows more. */
      lines: z.array(line).optional(),
      otherLines: z.boolean().default(false),
      /** Sums over the bills. */
      chargesExTax: money.optional(),
      taxes: z.array(z.strictObject({ code: z.string(), taxable: money.optional(), amount: money })).optional(),
      tax: money.optional(),
      /** Charges and tax. */
      total: money.optional(),
      /** With what was owed before. */
      totalDue: money.optional(),
      /** Discounts beside the bill: what each would take off, tax included, and the total if it is earned. */
      conditional: z.array(z.strictObject({ code: z.string(), amount: money, total: money })).optional(),
      days: z.number().int().optional(),
      /** No bill: the refusal's code, and words that its sentence must hold. */
      refused: z.strictObject({ code: z.string(), says: z.string().optional() }).optional(),
      /** How far off a figure may be; nothing when left out. */
      tolerance: z.strictObject({ amount: decimal.default('0'), quantity: decimal.default('0') }).optional(),
    }),
  })
  .refine(({ period, periods }) => (period === undefined) !== (periods === undefined), {
    path: ['period'],
    message: 'give either period or periods',
  })
  .refine(({ expected: { otherLines: _, tolerance: __, ...figures } }) => Object.values(figures).some(Boolean), {
    path: ['expected'],
    message: 'a case that expects nothing proves nothing',
  });

export type BillCase = z.output<typeof billCaseSchema>;
export type CaseSeries = BillCase['registers'][string];
export type CaseFacts = NonNullable<BillCase['facts']>;
export type CaseLayer = CaseSeries['layers'][number];
export type ExpectedLine = z.output<typeof line>;
