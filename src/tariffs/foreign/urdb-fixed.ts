import { formatRate } from '../../units/rate.ts';
import type { ComponentDraft } from './component-drafts.ts';
import type { SourceObject } from './source-object.ts';
import { periodsIn, scheduleOf } from './urdb-schedules.ts';
import { structureOf } from './urdb-structure.ts';

const per = { '$/day': 'DAY', '$/month': 'MONTH', '$/year': 'YEAR' } as const;
const perPeriod = { '$/day': 'P1D', '$/month': 'P1M', '$/year': 'P1Y' } as const;
const units = ['$/day', '$/month', '$/year'] as const;

/** Charges for being connected. */
export function fixedChargesOf(rate: SourceObject): Record<string, unknown>[] {
  const unit = rate.oneOf('fixedchargeunits', units) ?? '$/month';
  const charges = [
    { code: 'SUPPLY', amount: rate.price('fixedchargefirstmeter'), per: per[unit] },
    // What the standard called it before version 8.
    { code: 'SUPPLY_MONTH', amount: rate.price('fixedmonthlycharge'), per: 'MONTH' },
  ];
  return charges.flatMap(({ code, amount, per }) =>
    amount === undefined || amount === 0n
      ? []
      : [{ kind: 'supply', code, amount: formatRate(amount), per, tax: 'NONE' }],
  );
}

/** The least a bill must come to. */
export function minimumOf(rate: SourceObject): Record<string, unknown> | undefined {
  const unit = rate.oneOf('minchargeunits', units) ?? '$/month';
  const minima = [
    { name: 'mincharge', period: perPeriod[unit] },
    { name: 'minmonthlycharge', period: 'P1M' },
    { name: 'annualmincharge', period: 'P1Y' },
  ].flatMap(({ name, period }) => {
    const amount = rate.price(name);
    return amount === undefined || amount === 0n ? [] : [{ name, period, amount: formatRate(amount) }];
  });
  const [minimum, other] = minima;
  if (other) rate.refuse(other.name, `a plan has one minimum, and ${minimum!.name} is one already`);
  if (!minimum) return undefined;
  const { amount, period } = minimum;
  return { amount, period, prorate: true, appliesTo: ['USAGE', 'SUPPLY', 'DEMAND'] };
}

/** Peaks of the network: the schedule says when they may be, a list of events when they were. */
export function coincidentsOf(rate: SourceObject): ComponentDraft[] {
  const structure = structureOf(rate, 'coincidentratestructure');
  const schedule = scheduleOf(rate, 'coincidentrateschedule', 'coincidentrateschedule');
  const unit = rate.text('coincidentrateunit') ?? 'kW';
  if (!structure) return [];
  if (unit !== 'kW') rate.refuse('coincidentrateunit', `coincident peaks in ${unit} cannot be billed, only in kW`);
  return (schedule ? periodsIn(schedule) : [0]).flatMap((period, at) => {
    const tiers = structure[period] ?? [];
    const [first, second] = tiers;
    if (second) second.source.refuse('rate', 'tiers of coincident peaks cannot be billed');
    if (!first || first.price === 0n) return [];
    const code = at === 0 ? 'CP' : `CP_${at + 1}`;
    rate.note(
      'coincidentratestructure',
      `${code} is charged for the list of events ${code}, which must be given with each bill`,
    );
    return [
      {
        fields: { kind: 'coincident', code, events: code, unitPrice: formatRate(first.price), per: 'KW', tax: 'NONE' },
        pointer: first.source.pointer,
      },
    ];
  });
}
