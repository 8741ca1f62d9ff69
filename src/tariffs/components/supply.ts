import { z } from 'zod';
import { addDays, addMonths, type Day, daysBetween, firstDayOf, monthOf } from '../../units/time.ts';
import { type Charge, component, taxedTerms, type Usage } from '../component.ts';
import { code, decimalPrice } from '../windows.ts';

const terms = z.strictObject({
  kind: z.literal('supply'),
  code,
  description: z.string().min(1).default('Supply charge'),
  amount: decimalPrice,
  per: z.enum(['DAY', 'MONTH', 'YEAR']),
  ...taxedTerms,
});
type Terms = z.output<typeof terms>;

/**
 * A price for being connected. Local days are counted, whatever their hours. A price per month or year is charged for the days used
 * over the days of that calendar month or year, one line for each, so that the paper shows the division.
 */
export const supply = component({
  kind: 'supply',
  title: 'Supply charge',
  terms,
  charge: (terms, usage) => cut(terms, usage).map(part => charge(terms, part)),
  prices: ({ description, amount, per, tax }) => [
    { description, when: '', unitPrice: amount, per: per.toLowerCase(), taxCode: tax },
  ],
});

interface Part {
  from: Day;
  to: Day;
  /** The calendar month or year the part lies in; undefined when the price is per day. */
  whole: { from: Day; to: Day } | undefined;
}

function cut({ per }: Terms, { from, to }: Usage): Part[] {
  if (per === 'DAY') return [{ from, to, whole: undefined }];
  const parts: Part[] = [];
  for (let start = from; start < to; ) {
    const whole = per === 'MONTH' ? monthAround(start) : yearAround(start);
    const end = whole.to < to ? whole.to : to;
    parts.push({ from: start, to: end, whole });
    start = end;
  }
  return parts;
}

function monthAround(day: Day): { from: Day; to: Day } {
  const month = monthOf(day);
  return { from: firstDayOf(month), to: firstDayOf(addMonths(month, 1)) };
}

function yearAround(day: Day): { from: Day; to: Day } {
  const january = addMonths(monthOf(day), 1 - Number(day.slice(5, 7)));
  return { from: firstDayOf(january), to: firstDayOf(addMonths(january, 12)) };
}

function charge(terms: Terms, { from, to, whole }: Part): Charge {
  const days = daysBetween(from, to);
  const daysInWhole = whole ? daysBetween(whole.from, whole.to) : 1;
  const wholeMonth = terms.per === 'MONTH' && days === daysInWhole;
  const share = whole && !wholeMonth ? `, ${days} of ${daysInWhole} days of the ${terms.per.toLowerCase()}` : '';
  return {
    code: terms.code,
    group: 'supply',
    category: 'SUPPLY',
    description: terms.description + share,
    when: '',
    from,
    to: addDays(to, -1),
    quantity: wholeMonth ? 1 : days,
    unit: wholeMonth ? 'month' : 'day',
    unitPrice: terms.amount,
    factors:
      daysInWhole === 1 || wholeMonth
        ? []
        : [{ words: `/ ${daysInWhole}`, numerator: 1n, denominator: BigInt(daysInWhole) }],
    taxCode: terms.tax,
    measured: undefined,
  };
}
