import { z } from 'zod';
import { assert } from '../../kernel/assert.ts';
import { Refusal } from '../../kernel/errors.ts';
import { addDays, dayOf, formatUtc, type Period } from '../../units/time.ts';
import { type Charge, component, taxedTerms, type Usage } from '../component.ts';
import { type DemandSeries, realDemand } from '../demand-series.ts';
import { demandInterval } from '../demand-terms.ts';
import { peakWords } from '../demand-words.ts';
import { measuredSlots } from '../measured-slots.ts';
import { highestPeak } from '../peaks.ts';
import { code, decimalPrice, registerName } from '../windows.ts';

const terms = z.strictObject({
  kind: z.literal('coincident'),
  code,
  description: z.string().min(1).default('Coincident peak'),
  register: registerName.default('IMPORT'),
  /** The name of a list of UTC intervals, told afterwards by whoever runs the network. */
  events: z.string().min(1),
  interval: demandInterval.default(1800),
  unitPrice: decimalPrice,
  per: z.literal('KW').default('KW'),
  ...taxedTerms,
});
type Terms = z.output<typeof terms>;

/**
 * A price for the site's power while the whole network had its peak: the highest demand inside the events of the bill, once, at the
 * price in force when it occurred. A bill without an event has no line; a list that was not given is refused.
 */
export const coincident = component({
  kind: 'coincident',
  title: 'Coincident peak',
  terms,
  needs: ({ register }) => [{ register, optional: false, span: 'period' }],
  charge,
  prices: ({ description, unitPrice, tax }) => [{ description, when: '', unitPrice, per: 'kW', taxCode: tax }],
});

function charge(terms: Terms, usage: Usage): Charge[] {
  const days = usage.daysWith(terms.code);
  const intervals = usage.intervals(terms.register, days);
  assert(intervals, 'rate refuses a site without a register that the plan needs');
  const series = realDemand(intervals, terms.interval, terms.register);
  const isInside = insideEvents(terms, series, usage);
  const span = { first: 0, end: series.demand.length };
  const peak = highestPeak(series, isInside, span);
  if (!peak) return [];
  const day = dayOf(peak.at, usage.zone);
  if (day < usage.from || day >= usage.to) return [];
  return [
    {
      code: terms.code,
      group: 'grid',
      category: 'DEMAND',
      description: `${terms.description}: ${peakWords(peak, { unit: 'kW', seconds: terms.interval, zone: usage.zone })}`,
      when: '',
      from: usage.from,
      to: addDays(usage.to, -1),
      quantity: peak.demand,
      unit: 'kW',
      unitPrice: terms.unitPrice,
      factors: [],
      taxCode: terms.tax,
      measured: measuredSlots(terms.register, { series, isInside }, span, [peak]),
    },
  ];
}

function insideEvents({ events, code }: Terms, series: DemandSeries, { facts }: Usage): Uint8Array {
  const list = facts.events.find(({ name }) => name === events);
  if (!list) throw new Refusal('fact-missing', `${code} needs the list of events ${events}`);
  const isInside = new Uint8Array(series.demand.length);
  for (const period of list.periods) {
    const [first, end] = [slotOf(period.from, series), slotOf(period.to, series)];
    // Only an event that touches the bill has to fit its demand intervals.
    if (end <= 0 || first >= isInside.length) continue;
    if (!Number.isInteger(first) || !Number.isInteger(end)) throw misfit(period, series);
    isInside.fill(1, Math.max(0, first), end);
  }
  return isInside;
}

function slotOf(at: number, { from, stepSeconds }: DemandSeries): number {
  return (at - from) / stepSeconds;
}

function misfit({ from, to }: Period, { stepSeconds }: DemandSeries): Refusal {
  return new Refusal(
    'intervals-misaligned',
    `the event from ${formatUtc(from)} to ${formatUtc(to)} does not fill demand intervals of ${stepSeconds / 60} minutes`,
  );
}
