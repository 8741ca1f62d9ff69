import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { addDays } from '../../units/time.ts';
import { type Charge, component, type Days, taxedTerms, type Usage } from '../component.ts';
import { priceTimeTerms, type TimePart, timeFactors, timeParts, whyNotPriceTime } from '../price-time.ts';
import { bandedDays, bandTerms, type PricedDays, proveBands } from '../supply-bands.ts';
import { code, decimalPrice } from '../windows.ts';

const terms = z
  .strictObject({
    kind: z.literal('supply'),
    code,
    description: z.string().min(1).default('Supply charge'),
    amount: decimalPrice.optional(),
    ...bandTerms,
    ...priceTimeTerms,
    /** The price is for each kW (or kVA) the site's contract names: { "quantity": "CONTRACT_KW", "unit": "kW" }. */
    each: z.strictObject({ quantity: code, unit: z.enum(['kW', 'kVA', 'each']) }).optional(),
    ...taxedTerms,
  })
  .refine(({ amount, bands }) => (amount === undefined) !== (bands === undefined), {
    path: ['amount'],
    message: 'a supply charge has either an amount or bands',
  })
  .superRefine((terms, context) => {
    const message = whyNotPriceTime(terms);
    if (message) context.addIssue({ code: 'custom', path: ['dayBasis'], message });
  });
type Terms = z.output<typeof terms>;

/**
 * A price for being connected. Local days are counted, whatever their hours; how a price per month or year is divided stands in
 * price-time.ts. Each division is a line of its own, so that the paper shows it.
 */
export const supply = component({
  kind: 'supply',
  title: 'Supply charge',
  terms,
  needs: ({ bands, bandsBy, bandsRegister }) =>
    bands && bandsBy === 'KWH_PER_DAY' ? [{ register: bandsRegister, optional: false }] : [],
  prove: ({ bands, ...terms }) => (bands ? proveBands({ ...terms, bands }) : []),
  charge: (terms, usage) =>
    pricedDays(terms, usage).flatMap(days =>
      timeParts(terms, days, usage).map(part => charge(terms, days, part, usage)),
    ),
  prices: ({ description, amount, bands, per, tax }) =>
    (bands?.map(band => band.amount) ?? [amount!]).map(unitPrice => ({
      ...{ description, when: '', unitPrice, per: per.toLowerCase(), taxCode: tax },
    })),
});

function pricedDays({ amount, bands, ...terms }: Terms, usage: Usage): PricedDays[] {
  if (bands) return bandedDays({ ...terms, bands }, usage);
  return [{ from: usage.from, to: usage.to, amount: amount!, band: undefined }];
}

function charge(terms: Terms, { amount, band }: PricedDays, part: TimePart, usage: Usage): Charge {
  return {
    code: band === undefined ? terms.code : `${terms.code}.B${band}`,
    group: 'supply',
    category: 'SUPPLY',
    description: terms.description + part.words,
    when: '',
    ...inclusive(part),
    ...counted(terms, part, usage),
    unitPrice: amount,
    taxCode: terms.tax,
    measured: undefined,
  };
}

function inclusive({ from, to }: Days): Days {
  return { from, to: addDays(to, -1) };
}

/** Days or months; or the contract's kW, and then the days are a factor of the price. */
function counted({ each }: Terms, part: TimePart, { facts }: Usage): Pick<Charge, 'quantity' | 'unit' | 'factors'> {
  if (!each) return { quantity: part.quantity, unit: part.unit, factors: part.factors };
  const agreed = facts.quantities[each.quantity];
  if (agreed === undefined)
    throw new Refusal('fact-missing', `the plan charges for each ${each.unit} of ${each.quantity}, which is not known`);
  const pieces = each.unit === 'each' ? agreed / 1_000_000 : agreed;
  if (!Number.isInteger(pieces))
    throw new Refusal(
      'quantity-unbillable',
      `the plan counts ${each.quantity} in pieces, and ${agreed / 1_000_000} is no whole number`,
    );
  return { quantity: pieces, unit: each.unit, factors: timeFactors(part) };
}
