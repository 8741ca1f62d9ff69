import { z } from 'zod';
import { dayOf, type Instant, instant } from '../../units/time.ts';
import { energyCheck } from './energy.ts';
import { choices, type WindowDocument, type Windowed } from './minutes.ts';
import { type Check, exact, type NaiveContext, type NaiveLine, reader } from './naive.ts';

const allowanceDocument = z.strictObject({
  kWh: z.string(),
  window: z
    .strictObject({ season: z.string().optional(), days: z.string().optional(), from: z.string(), to: z.string() })
    .optional(),
  unitPrice: z.string().default('0'),
});
const readFeedIn = reader(
  z
    .looseObject({
      kind: z.literal('feedIn'),
      code: z.string(),
      register: z.string().default('EXPORT'),
      dailyAllowance: allowanceDocument.optional(),
      // Words of the paper alone.
      scheme: z.string().optional(),
      payer: z.string().optional(),
      tax: z.string().default('NONE'),
    })
    .transform(({ dailyAllowance, scheme: _, payer: __, ...energy }) => ({ dailyAllowance, energy })),
);

/** Feed-in: what the days' allowances leave is energy like any other. */
export const feedInCheck: Check = {
  kinds: ['feedIn'],
  lines(document, context) {
    const feedIn = readFeedIn(document);
    if (!feedIn) return undefined;
    const { dailyAllowance, energy } = feedIn;
    const series = context.request.registers.get(energy.register);
    if (!dailyAllowance || !series) return energyCheck.lines(energy, context);
    const { segment, request, plan } = context;
    const isOpen = opening(dailyAllowance.window, context);
    const left = new Map<string, number>();
    const rest = series.energy.slice();
    let [taken, wasOpen] = [0n, false];
    rest.forEach((value, slot) => {
      const at = instant(series.from + slot * series.stepSeconds);
      const day = dayOf(at, request.zone);
      if (!isOpen(at)) return;
      const free = Math.min(value, left.get(day) ?? Number(exact(dailyAllowance.kWh) / 100n));
      left.set(day, (left.get(day) ?? Number(exact(dailyAllowance.kWh) / 100n)) - free);
      rest[slot] = value - free;
      if (day < segment.from || day >= segment.to) return;
      wasOpen = true;
      taken += BigInt(free);
    });
    const registers = new Map(request.registers).set(energy.register, { ...series, energy: rest });
    const beyond = energyCheck.lines(energy, { ...context, request: { ...request, registers } });
    if (!beyond || !wasOpen) return beyond;
    const allowed: NaiveLine = {
      ...{ code: `${energy.code}.ALLOWANCE`, from: segment.from, category: 'FEED_IN', units: -taken, energy: -taken },
      ...{ price: exact(dailyAllowance.unitPrice), times: 1n, over: 1_000_000n },
      ...{ taxCode: energy.tax, basis: plan.taxBasis },
    };
    return [allowed, ...beyond];
  },
};

function opening(window: WindowDocument | undefined, context: NaiveContext): (at: Instant) => boolean {
  if (!window) return () => true;
  const inside: Windowed = { windows: [window] };
  const choiceAt = choices([inside, {}], 60, context);
  return at => choiceAt(at) === inside;
}
