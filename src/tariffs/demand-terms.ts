import { z } from 'zod';
import type { FieldProblem } from '../kernel/errors.ts';
import { secondsPerHour } from '../units/time.ts';
import type { PlanCalendar } from './calendar.ts';
import { taxedTerms } from './component.ts';
import { countedWindows, proveWindows } from './demand-windows.ts';
import { priceTimeTerms, whyNotPriceTime } from './price-time.ts';
import { type Tier, tiers } from './tiers.ts';
import { code, decimalPrice, decimalQuantity, registerName } from './windows.ts';

/** "PT30M" in seconds. Only what divides the hour: kW = kWh × 60 / minutes then stays whole in micro-kW. */
export const demandInterval = z
  .string()
  .regex(/^PT(\d{1,2}M|1H)$/, 'must be a length such as PT30M')
  .transform(text => (text === 'PT1H' ? secondsPerHour : 60 * Number(text.slice(2, -1))))
  .refine(
    seconds => seconds > 0 && secondsPerHour % seconds === 0,
    'must divide the hour, as PT15M, PT30M and PT60M do',
  );

const ratchet = z.strictObject({
  percent: decimalPrice.refine(
    share => share > 0n && share <= 100_000_000n,
    'must be a fraction up to 1, such as "0.75"',
  ),
  /** Calendar months, 1 is January; all when left out. */
  months: z.array(z.number().int().min(1).max(12)).min(1).optional(),
  /** The billed month and the eleven before it are a year. */
  lookbackMonths: z.number().int().min(1).max(60).default(11),
  floor: decimalQuantity.default(0),
});

const splitPeriod = 'IF_PERIOD_SPLIT:MAX_OF_PARTS';

export const demandTerms = z.strictObject({
  kind: z.literal('demand'),
  code,
  description: z.string().min(1).default('Demand charge'),
  register: registerName.default('IMPORT'),
  /** KVA: the register of reactive energy beside it, such as Q1; none where `register` measures kVA itself. */
  reactiveRegister: registerName.optional(),
  quantity: z.enum(['KW', 'KVA']).default('KW'),
  interval: demandInterval.default(1800),
  windows: countedWindows,
  /** A measurement period without a single interval in the windows has no line (SKIP) or a demand of 0 (ZERO). */
  emptyWindow: z.enum(['SKIP', 'ZERO']).default('SKIP'),
  peak: z
    .strictObject({
      fn: z.enum(['MAX', 'AVG_OF_N']),
      n: z.number().int().min(1).max(100).optional(),
      /** PER_DAY: at most one of the peaks lies on each local day. */
      isolation: z.enum(['NONE', 'PER_DAY']).default('NONE'),
    })
    .default({ fn: 'MAX', isolation: 'NONE' }),
  measurementPeriod: z.enum(['DAY', 'MONTH', 'BILL', 'ROLLING_12M', 'TARIFF_PERIOD']).default('MONTH'),
  /** The least that is billed. */
  min: decimalQuantity.default(0),
  /** Kilowatts that cost nothing; bounds of tiers count them all the same. */
  free: decimalQuantity.default(0),
  unitPrice: decimalPrice.optional(),
  tiers: tiers.optional(),
  ratchet: ratchet.optional(),
  /** What the price of a kW is for; divided as price-time.ts says. */
  chargePeriod: priceTimeTerms.per.default('MONTH'),
  dayBasis: priceTimeTerms.dayBasis,
  /** A measurement period that began on the bill before: the highest of its parts, or this bill's part alone when left out. */
  carry: z.literal(splitPeriod).optional(),
  ...taxedTerms,
});
export type DemandTerms = z.output<typeof demandTerms>;

/** The tiers of its price; one open tier when it has a unitPrice. */
export function demandTiers({ unitPrice, tiers }: DemandTerms): Tier[] {
  return tiers ?? (unitPrice === undefined ? [] : [{ upTo: undefined, unitPrice, flat: undefined }]);
}

/** What the schema cannot see. */
export function proveDemand(terms: DemandTerms, calendar: PlanCalendar): FieldProblem[] {
  const { quantity, register, reactiveRegister, chargePeriod, dayBasis, peak, measurementPeriod } = terms;
  const notPriced = whyNotPriceTime({ per: chargePeriod, dayBasis });
  const rules: [pointer: string, isWrong: boolean, message: string][] = [
    [
      '/unitPrice',
      (terms.unitPrice === undefined) === (terms.tiers === undefined),
      'a demand charge has either a unitPrice or tiers',
    ],
    ['/tiers', demandTiers(terms).some(({ flat }) => flat !== undefined), 'a tier of kW has no flat amount'],
    [
      '/reactiveRegister',
      quantity === 'KVA' ? reactiveRegister === undefined && register === 'IMPORT' : reactiveRegister !== undefined,
      quantity === 'KVA'
        ? 'KVA needs the register of reactive energy, such as Q1, or a register that measures kVA itself'
        : 'only KVA reads reactive energy',
    ],
    ['/dayBasis', notPriced !== undefined, notPriced ?? ''],
    ['/peak/n', peak.fn === 'AVG_OF_N' && peak.n === undefined, 'AVG_OF_N needs n, the number of peaks'],
    ['/peak/n', peak.fn === 'MAX' && (peak.n ?? 1) !== 1, 'MAX is one peak; an average of several is AVG_OF_N'],
    [
      '/peak/fn',
      peak.fn === 'AVG_OF_N' && ['ROLLING_12M', 'TARIFF_PERIOD'].includes(measurementPeriod),
      'an average of peaks is measured per DAY, MONTH or BILL: of earlier months only the highest is known',
    ],
    [
      '/measurementPeriod',
      measurementPeriod === 'TARIFF_PERIOD' && calendar.seasons.length === 0,
      'TARIFF_PERIOD is a season, and this plan has none',
    ],
    [
      '/ratchet',
      terms.ratchet !== undefined && !['MONTH', 'BILL'].includes(measurementPeriod),
      'a ratchet binds the peak of a MONTH or BILL',
    ],
    [
      '/carry',
      terms.carry !== undefined && measurementPeriod !== 'MONTH',
      'only a MONTH can be split between bills; longer periods always count their earlier part',
    ],
  ];
  const broken = rules.filter(([, isWrong]) => isWrong).map(([pointer, , message]) => ({ pointer, message }));
  return [...broken, ...proveWindows(terms.windows, terms.interval, calendar)];
}
