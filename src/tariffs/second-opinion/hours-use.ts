import { z } from 'zod';
import { addDays, type Day } from '../../units/time.ts';
import { daysFrom, daysLike, labelOf, slotsOf } from './days.ts';
import { billingOn } from './demand.ts';
import { basisField, type Check, exact, type NaiveLine, nearest, reader } from './naive.ts';
import { greater, lesser, millionths, opening, readDemand, tierDocument, windowDocument } from './peaks.ts';

const readHours = reader(
  z.strictObject({
    kind: z.literal('hoursUse'),
    code: z.string(),
    description: z.string().optional(),
    register: z.string().default('IMPORT'),
    demand: z.string(),
    windows: z.array(windowDocument).optional(),
    tiers: z.array(
      z.strictObject({
        upToHours: z.string().optional(),
        unitPrice: z.string().optional(),
        tiers: z.array(tierDocument).optional(),
      }),
    ),
    tierPeriod: z.enum(['P1M', 'BILL']).default('P1M'),
    tax: z.string(),
    ...basisField,
  }),
);

/** Hours of use: the kWh of a part, laid on top of each other, against the hours of its demand. */
export const hoursUseCheck: Check = {
  kinds: ['hoursUse'],
  lines(document, context) {
    const hours = readHours(document);
    const demand = readDemand(context.plan.components.find(({ code }) => code === hours?.demand));
    if (!hours || !demand) return undefined;
    const { segment, period, request, plan } = context;
    const label = (day: Day) =>
      hours.tierPeriod === 'BILL' ? 'bill' : labelOf(day, 'P1M', request.monthStartsOn ?? 1);
    const days = daysFrom(segment.from, segment.to);
    const isOpen = opening(hours.windows, 1, context);
    return [...new Set(days.map(label))].flatMap(name => {
      const part = days.filter(day => label(day) === name);
      const whole =
        hours.tierPeriod === 'BILL'
          ? daysFrom(period.from, period.to).length
          : daysLike(part[0]!, 'P1M', request.monthStartsOn ?? 1);
      const share = (bound: bigint) => nearest(bound * BigInt(part.length), BigInt(whole), true);
      const slots = slotsOf(hours.register, part[0]!, addDays(part.at(-1)!, 1), request).filter(({ at }) => isOpen(at));
      if (slots.length === 0) return [];
      const billing = part.map(day => billingOn(day, demand, context) ?? 0n).reduce(greater);
      const total = BigInt(slots.reduce((sum, { energy }) => sum + energy, 0));
      const line = (code: string, units: bigint, price: string): NaiveLine => ({
        ...{
          code,
          from: part[0]!,
          category: 'USAGE',
          units,
          price: exact(price),
          times: 1n,
          over: 1_000_000n,
          energy: units,
        },
        taxCode: hours.tax,
        basis: hours.taxBasis ?? plan.taxBasis,
      });
      let below = 0n;
      const lines = hours.tiers.flatMap(({ upToHours, unitPrice, tiers }, block) => {
        // Hours are millionths as well, so their product with kW is too large a million times.
        const bound =
          upToHours === undefined
            ? total
            : nearest(billing * millionths(upToHours) * BigInt(part.length), BigInt(whole) * 1_000_000n, true);
        const top = greater(below, lesser(total, bound));
        const steps = tiers ?? [{ upTo: undefined, unitPrice: unitPrice! }];
        const found = steps.map((step, at) => {
          const low = at === 0 ? 0n : share(millionths(steps[at - 1]!.upTo!));
          const high = step.upTo === undefined ? top - below : lesser(top - below, share(millionths(step.upTo)));
          const code = `${hours.code}.B${block + 1}${steps.length === 1 ? '' : `.T${at + 1}`}`;
          return line(code, greater(0n, high - low), step.unitPrice);
        });
        below = top;
        return found;
      });
      return total === 0n ? lines.slice(0, 1) : lines.filter(({ units }) => units !== 0n);
    });
  },
};
