import { z } from 'zod';
import type { Day } from '../../units/time.ts';
import { daysFrom, daysLike, labelOf, slotsOf } from './days.ts';
import { piecesOf, readEnergy } from './energy.ts';
import { basisField, type Check, exact, type NaiveContext, type NaiveLine, reader } from './naive.ts';

const readSupply = reader(
  z.strictObject({
    kind: z.literal('supply'),
    code: z.string(),
    description: z.string().optional(),
    amount: z.string().optional(),
    bands: z.array(z.strictObject({ upTo: z.string().optional(), amount: z.string() })).optional(),
    bandsBy: z.enum(['KWH_PER_DAY', 'DAYS']).default('KWH_PER_DAY'),
    bandsRegister: z.string().default('IMPORT'),
    per: z.enum(['DAY', 'MONTH', 'YEAR']),
    dayBasis: z.string().optional(),
    each: z.strictObject({ quantity: z.string(), unit: z.string() }).optional(),
    tax: z.string(),
    ...basisField,
  }),
);

/** Supply: every local day adds its part of the price. */
export const supplyCheck: Check = {
  kinds: ['supply'],
  lines(document, context) {
    const supply = readSupply(document);
    if (!supply) return undefined;
    const { segment, request, plan } = context;
    const days = daysFrom(segment.from, segment.to);
    const millionth = (text: string) => exact(text) / 100n;
    const bandOf = (day: Day): number | undefined => {
      if (!supply.bands) return undefined;
      const used = slotsOf(supply.bandsRegister, segment.from, segment.to, request).reduce(
        (sum, slot) => sum + BigInt(slot.energy),
        0n,
      );
      const nth = BigInt(daysFrom(context.period.from, day).length + 1) * 1_000_000n;
      return supply.bands.findIndex(
        ({ upTo }) =>
          upTo === undefined ||
          (supply.bandsBy === 'DAYS' ? nth <= millionth(upTo) : used <= millionth(upTo) * BigInt(days.length)),
      );
    };
    const { per, dayBasis } = supply;
    const [period, startsOn] = calendarOf(per, dayBasis, request.monthStartsOn ?? 1);
    const label = (day: Day) => (period === '' ? '' : labelOf(day, period, startsOn));
    const [times, over] = divisionOf(per, dayBasis);
    const pieces = supply.each ? BigInt(request.facts?.quantities?.[supply.each.quantity] ?? 0) : 1_000_000n;
    const lines = new Map<string, NaiveLine>();
    for (const day of days) {
      const band = bandOf(day);
      const amount = band === undefined ? supply.amount! : supply.bands![band]!.amount;
      const code = supply.bands && supply.bandsBy === 'DAYS' ? `${supply.code}.B${band! + 1}` : supply.code;
      const line = lines.get(`${code} ${label(day)}`) ?? {
        ...{ code, from: day, category: 'SUPPLY', units: 0n, price: exact(amount), energy: undefined },
        times: times * pieces,
        over: over * 1_000_000n * (period === '' ? 1n : BigInt(daysLike(day, period, startsOn))),
        taxCode: supply.tax,
        basis: supply.taxBasis ?? plan.taxBasis,
      };
      line.units += 1n;
      lines.set(`${code} ${label(day)}`, line);
    }
    return [...lines.values()];
  },
};

/** Whose days the price is divided by, and where its months begin; '' where the calendar does not divide it. */
function calendarOf(per: string, dayBasis: string | undefined, startsOn: number): [string, number] {
  if (per === 'DAY' || dayBasis === '365' || dayBasis === '365.25' || dayBasis === '12/365.25') return ['', 1];
  return per === 'YEAR' && dayBasis !== 'CALENDAR_MONTH' ? ['P1Y', 1] : ['P1M', startsOn];
}

function divisionOf(per: string, dayBasis: string | undefined): [bigint, bigint] {
  const months = per === 'MONTH' ? 12n : 1n;
  if (dayBasis === '365') return [months, 365n];
  if (dayBasis === '365.25' || dayBasis === '12/365.25') return [months * 100n, 36_525n];
  return [1n, per === 'YEAR' && dayBasis === 'CALENDAR_MONTH' ? 12n : 1n];
}

const readFee = reader(
  z.strictObject({
    kind: z.literal('fee'),
    code: z.string(),
    description: z.string(),
    trigger: z.enum(['EVENT', 'ANNUAL', 'MONTHLY', 'PERCENT_OF_BILL']),
    amount: z.string().optional(),
    rate: z.string().optional(),
    on: z.string().optional(),
    tax: z.string().default('NONE'),
    ...basisField,
  }),
);

/** Fees; a share of the bill belongs to the bill as a whole. */
export const feeCheck: Check = {
  kinds: ['fee'],
  lines(document, context) {
    const fee = readFee(document);
    if (!fee) return undefined;
    if (fee.trigger === 'PERCENT_OF_BILL') return [];
    const { segment, request, plan } = context;
    const days = daysFrom(segment.from, segment.to);
    const line = (from: Day, code = fee.code): NaiveLine => ({
      ...{ code, from, category: 'FEE', units: 1n, price: exact(fee.amount!), times: 1n, over: 1n, energy: undefined },
      taxCode: fee.tax,
      basis: fee.taxBasis ?? plan.taxBasis,
    });
    if (fee.trigger === 'EVENT') {
      const due = (request.facts?.fees ?? []).filter(({ code, on }) => code === fee.code && days.includes(on));
      return due.map(({ on }, at) =>
        line(on, due.slice(0, at).some(other => other.on === on) ? `${fee.code}.${at + 1}` : fee.code),
      );
    }
    if (fee.on !== undefined) return days.filter(day => day.slice(5) === fee.on).map(day => line(day));
    const [every, startsOn] = fee.trigger === 'MONTHLY' ? ['P1M', request.monthStartsOn ?? 1] : ['P1Y', 1];
    const label = (day: Day) => labelOf(day, every, startsOn);
    return [...new Set(days.map(label))].map(name => {
      const used = days.filter(day => label(day) === name);
      return { ...line(used[0]!), units: BigInt(used.length), over: BigInt(daysLike(used[0]!, every, startsOn)) };
    });
  },
};

const readGreen = reader(
  z.strictObject({
    kind: z.literal('greenPower'),
    code: z.string(),
    description: z.string().optional(),
    percentOfKwh: z.string(),
    unitPrice: z.string(),
    of: z.array(z.string()).default(['USE']),
    rounding: z.string().optional(),
    tax: z.string(),
    ...basisField,
  }),
);

/** Green power: the energy of the components it names, found again. */
export const greenCheck: Check = {
  kinds: ['greenPower'],
  lines(document, context) {
    const green = readGreen(document);
    if (!green) return undefined;
    const energy = green.of.map(code => energyOf(code, context));
    if (energy.includes(undefined)) return undefined;
    const units = energy.reduce<bigint>((sum, each) => sum + (each ?? 0n), 0n);
    return [
      {
        ...{ code: green.code, from: context.segment.from, category: 'GREEN', units, price: exact(green.unitPrice) },
        times: exact(green.percentOfKwh),
        over: 1_000_000n * 100_000_000n,
        taxCode: green.tax,
        basis: green.taxBasis ?? context.plan.taxBasis,
        energy: units,
      },
    ];
  },
};

function energyOf(code: string, context: NaiveContext): bigint | undefined {
  const component = readEnergy(context.plan.components.find(each => each.code === code));
  if (!component) return undefined;
  const { from, to } = context.segment;
  return piecesOf(component, from, to, context).reduce((sum, { energy }) => sum + BigInt(energy), 0n);
}
