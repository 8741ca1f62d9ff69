import { minutesPerDay } from '../windows.ts';
import type { RateDraft } from './cdr-rates.ts';
import type { ImportReport } from './import-report.ts';

const periods = ['P1D', 'P1M', 'P3M', 'P1Y'] as const;

/** What the blocks of a component's rates are for. `id` names the questions. */
export function tierTermsOf(rates: RateDraft[], id: string, report: ImportReport): Record<string, string> {
  const tiered = rates.filter(({ blocks }) => blocks.length > 1);
  const [first] = tiered;
  if (!first) return {};
  const { pointer } = first;
  const tierPeriod = periodOf(tiered, id, report);
  if (tierPeriod === undefined) return {};
  if (tierPeriod !== 'P1D') {
    report.note(pointer, 'a bill of part of the period has its share of the blocks by days');
    return { tierPeriod, tierProration: 'BY_DAYS' };
  }
  const capped = tiered.filter(isFreeWindow);
  const tierAllowance = report.ask({
    id: `${id}.tierAllowance`,
    pointer,
    question: `Do the days of a bill share their daily blocks (POOLED), or has each day its own and loses what it does not use (EACH)?`,
    choices: ['POOLED', 'EACH'],
    chosen: capped.length === 0 ? 'POOLED' : capped.length === tiered.length ? 'EACH' : undefined,
  });
  return { tierPeriod, ...(tierAllowance && { tierAllowance }) };
}

function periodOf(tiered: RateDraft[], id: string, report: ImportReport): (typeof periods)[number] | undefined {
  const said = [...new Set(tiered.flatMap(({ period }) => period ?? []))];
  const { pointer } = tiered[0]!;
  const [period] = said;
  if (said.length > 1) {
    report.refuse(pointer, `the blocks of one component are for ${said.join(' and ')}; they must share one period`);
    return undefined;
  }
  if (period === undefined)
    return report.ask({
      id: `${id}.tierPeriod`,
      pointer,
      question: 'The blocks do not say what they are for: a day, a month, a quarter or a year.',
      choices: periods,
      chosen: undefined,
    });
  const known = periods.find(each => each === period);
  if (known === undefined) report.refuse(pointer, `blocks for ${period} cannot be billed; ${periods.join(', ')} can`);
  return known;
}

/** So many kWh free inside a window: an offer for each day, not for the bill. */
function isFreeWindow({ blocks, spans }: RateDraft): boolean {
  const isWindowed = spans?.some(({ from, to }) => to - from < minutesPerDay) ?? false;
  return isWindowed && /^0(\.0*)?$/.test(blocks[0]!.unitPrice);
}
