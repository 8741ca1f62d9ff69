import { z } from 'zod';
import { addDays, daysBetween } from '../../units/time.ts';
import { calendarParts, countDays, shareOfDays } from '../calendar-parts.ts';
import { type Charge, component, noTax, taxBases, type Usage } from '../component.ts';
import { fractionTerm } from '../fractions.ts';
import { timeParts } from '../price-time.ts';
import { code, decimalPrice } from '../windows.ts';

const monthDay = z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'must be month and day such as "07-01"');

export const feeTerms = z
  .strictObject({
    kind: z.literal('fee'),
    code,
    description: z.string().min(1),
    /**
     * EVENT: for each time the caller names it in its facts. MONTHLY: per calendar month, by days. ANNUAL: whole on the day `on`, or by
     * days when none is set. PERCENT_OF_BILL: a share (`rate`) of the charges before it.
     */
    trigger: z.enum(['EVENT', 'ANNUAL', 'MONTHLY', 'PERCENT_OF_BILL']),
    amount: decimalPrice.optional(),
    rate: fractionTerm.optional(),
    on: monthDay.optional(),
    tax: z.string().default(noTax),
    taxBasis: z.enum(taxBases).optional(),
  })
  .refine(fee => (fee.trigger === 'PERCENT_OF_BILL' ? fee.rate : fee.amount) !== undefined, {
    path: ['amount'],
    message: 'a fee has an amount, or a rate when it is PERCENT_OF_BILL',
  })
  .refine(fee => (fee.trigger === 'PERCENT_OF_BILL' ? fee.amount : fee.rate) === undefined, {
    path: ['rate'],
    message: 'only a fee that is PERCENT_OF_BILL has a rate, and it has no amount',
  })
  .refine(fee => fee.on === undefined || fee.trigger === 'ANNUAL', {
    path: ['on'],
    message: 'only an ANNUAL fee falls on a day of the year',
  });
export type FeeTerms = z.output<typeof feeTerms>;

/** A charge for something other than energy and connection. A share of the bill is charged in percent-fees.ts, when the rest is known. */
export const fee = component({
  kind: 'fee',
  title: 'Fee',
  terms: feeTerms,
  charge: (terms, usage) => {
    if (terms.trigger === 'EVENT') return eventFees(terms, usage);
    if (terms.trigger === 'MONTHLY') return monthlyFees(terms, usage);
    return terms.trigger === 'ANNUAL' ? annualFees(terms, usage) : [];
  },
});

function eventFees(terms: FeeTerms, { facts, from, to }: Usage): Charge[] {
  const due = facts.fees.filter(fee => fee.code === terms.code && fee.on >= from && fee.on < to);
  return due.map(({ on, reason }, at) => ({
    ...line(terms, { from: on, to: addDays(on, 1) }),
    // Two of one day are two lines.
    code: due.findIndex(other => other.on === on) < at ? `${terms.code}.${at + 1}` : terms.code,
    description: reason ? `${terms.description}: ${reason}` : terms.description,
  }));
}

function monthlyFees(terms: FeeTerms, usage: Usage): Charge[] {
  return timeParts({ per: 'MONTH' }, usage, usage).map(({ words, quantity, unit, factors, ...days }) => ({
    ...line(terms, days),
    description: terms.description + words,
    ...{ quantity, unit, factors },
  }));
}

function annualFees(terms: FeeTerms, usage: Usage): Charge[] {
  if (terms.on === undefined)
    return calendarParts(usage, 'P1Y', 1).map(part => ({
      ...line(terms, part),
      factors: shareOfDays(countDays(part), countDays(part.whole)),
    }));
  return Array.from({ length: daysBetween(usage.from, usage.to) }, (_, at) => addDays(usage.from, at))
    .filter(day => day.slice(5) === terms.on)
    .map(day => line(terms, { from: day, to: addDays(day, 1) }));
}

function line({ code, description, amount, tax }: FeeTerms, { from, to }: Pick<Usage, 'from' | 'to'>): Charge {
  return {
    code,
    group: 'other',
    category: 'FEE',
    description,
    when: '',
    from,
    to: addDays(to, -1),
    quantity: 1,
    unit: 'each',
    unitPrice: amount!,
    factors: [],
    taxCode: tax,
    measured: undefined,
  };
}
