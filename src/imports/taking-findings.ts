import { itemsToldOtherwise, type RegisterFacts } from '../accounts/register-map.ts';
import type { RejectionCode } from '../readings/judge.ts';
import type { Reading } from '../readings/reading.ts';
import type { RuleName } from '../readings/rules.ts';
import { formatKwh } from '../units/energy.ts';
import { formatUtc } from '../units/time.ts';
import type { CustomerRecord, RegisterMapping, RegisterReading } from './format.ts';
import type { Finding } from './problem.ts';

/** What is said of records that a reader found nothing wrong with, and that did not simply enter. */

export function otherDial({ meterPoint, registerId, multiplierMicro, digits }: RegisterMapping): Finding {
  const dial = [
    ...(multiplierMicro === undefined ? [] : [`counts ${multiplierMicro / 1e6} times what its dial shows`]),
    ...(digits === undefined ? [] : [`has ${digits} digits`]),
  ];
  const says = `by this file ${meterPoint} register ${registerId} ${dial.join(' and ')}, and the register map says something else, which stays`;
  return { rule: 'N13-2', severity: 'warning', says, action: 'ignored' };
}

/** Two files of one stamp, neither of which is newer. */
export function otherMapping(
  { meterPoint, registerId }: RegisterMapping,
  { facts, told }: { facts: RegisterFacts; told: RegisterFacts },
): Finding {
  const items = itemsToldOtherwise(told, facts);
  const [other, first] = [facts, told].map(each => items.map(item => shownItem(each, item)).join(', '));
  const says = `by this file ${meterPoint} register ${registerId} has ${other} from ${facts.fromDay} on; a file of the same stamp said ${first} before, which stays until something newer is told`;
  return { rule: 'D10-17', severity: 'warning', says, action: 'ignored' };
}

const itemNames = {
  ...{ multiplierMicro: 'multiplier', digits: 'digits', kind: 'type', quantity: 'quantity' },
  ...{ configuration: 'settlement configuration', timePattern: 'time pattern' },
};

function shownItem(facts: RegisterFacts, item: ReturnType<typeof itemsToldOtherwise>[number]): string {
  return `${itemNames[item]} ${item === 'multiplierMicro' ? (facts.multiplierMicro ?? 0) / 1e6 : facts[item]}`;
}

export function otherCustomer({ meterPoint }: CustomerRecord): Finding {
  const says = `account ${meterPoint} has another name or address already; it was left as it is`;
  return { rule: 'P1-02', severity: 'warning', says, action: 'ignored' };
}

export function withdrawsNothing({ meterPoint, registerId }: RegisterReading): Finding {
  const says = `withdraws a reading of ${meterPoint} register ${registerId}, which nobody knows`;
  return { rule: 'D10-10', severity: 'warning', says, action: 'ignored' };
}

/** A reading that failed validation is never billed (D10-11). */
export function failedValidation({ meterPoint, registerId }: RegisterReading): Finding {
  const says = `${meterPoint} register ${registerId} failed validation at its sender (BSC status F)`;
  return { rule: 'D10-11', severity: 'error', says, action: 'rejected' };
}

export function conflict(reading: Reading, code: string, meterPoint: string): Finding {
  const says = `${meterPoint} ${code} has another value for ${formatUtc(reading.at)} already; both are kept and the first stays current`;
  return { rule: 'N12-36', severity: 'warning', ...valueShown(reading), says, action: 'ignored' };
}

const rejectionWords: Record<RejectionCode, (at: string) => string> = {
  'reading-before-1970': at => `${at} is before 1970`,
  'reading-from-the-future': at => `${at} is later than now`,
  'reading-goes-backwards': at =>
    `the register counts down at ${at}: an earlier reading is higher, or a later one is lower`,
  'reading-beyond-exchange': at =>
    `the register is above what its meter showed last at its exchange, or below what the new one showed first, at ${at}`,
  'reading-rollover': at => `the register begins again at zero at ${at}`,
  'reading-exchange': at => `${at} is the first value since the meter was exchanged`,
  'reading-spike': at => `the energy at ${at} is far above what the channel usually measures`,
};

export function aside(reading: Reading, code: RejectionCode, rule: RuleName): Finding {
  const says = `${rejectionWords[code](formatUtc(reading.at))}; the reading is in quarantine`;
  return { rule, severity: 'warning', ...valueShown(reading), says, action: 'ignored' };
}

const ruleIds: Partial<Record<RejectionCode, string>> = {
  'reading-before-1970': 'P4-05',
  'reading-from-the-future': 'P4-05',
  'reading-goes-backwards': 'D10-18',
};

export function rejection(reading: Reading, code: RejectionCode, rule: RuleName): Finding {
  return {
    rule: ruleIds[code] ?? rule,
    severity: 'error',
    ...valueShown(reading),
    says: rejectionWords[code](formatUtc(reading.at)),
    action: 'rejected',
  };
}

/** It is current all the same: another correction may follow. */
export function revisedBackwards(reading: Reading): Finding {
  const at = formatUtc(reading.at);
  return {
    rule: 'revised-backwards',
    severity: 'warning',
    ...valueShown(reading),
    says: `the newer value at ${at} is below an earlier one or above a later one: it is taken, and no energy is known there`,
    action: 'ignored',
  };
}

/** A reader found nothing wrong with it, so that how it was written is gone: the value as it is shown. */
function valueShown({ value }: Reading): Pick<Finding, 'field' | 'raw'> {
  return { field: 'value', ...(!Number.isNaN(value) && { raw: formatKwh(value) }) };
}
