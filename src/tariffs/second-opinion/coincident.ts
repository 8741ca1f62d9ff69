import { z } from 'zod';
import type { Day } from '../../units/time.ts';
import { basisField, type Check, exact, reader } from './naive.ts';
import { daysAround, demandIntervals } from './peaks.ts';

const readCoincident = reader(
  z.strictObject({
    kind: z.literal('coincident'),
    code: z.string(),
    description: z.string().optional(),
    register: z.string().default('IMPORT'),
    events: z.string(),
    interval: z.string().default('PT30M'),
    unitPrice: z.string(),
    per: z.string().optional(),
    tax: z.string(),
    ...basisField,
  }),
);

/** Coincident peaks: each demand interval of the bill is asked whether an event was on. */
export const coincidentCheck: Check = {
  kinds: ['coincident'],
  lines(document, context) {
    const charge = readCoincident(document);
    if (!charge) return undefined;
    const { segment, request, plan } = context;
    const list = request.facts?.events?.find(({ name }) => name === charge.events)?.periods ?? [];
    let peak: { day: Day; kw: number } | undefined;
    for (const day of daysAround(charge.code, context))
      for (const { at, kw } of demandIntervals(day, charge.register, charge.interval, context))
        if (list.some(({ from, to }) => at >= from && at < to) && (!peak || kw > peak.kw)) peak = { day, kw };
    if (!peak || peak.day < segment.from || peak.day >= segment.to) return [];
    return [
      {
        ...{
          code: charge.code,
          from: segment.from,
          category: 'DEMAND',
          units: BigInt(peak.kw),
          price: exact(charge.unitPrice),
        },
        ...{
          times: 1n,
          over: 1_000_000n,
          energy: BigInt(peak.kw),
          taxCode: charge.tax,
          basis: charge.taxBasis ?? plan.taxBasis,
        },
      },
    ];
  },
};
