import { formatRate } from '../../units/rate.ts';
import { codeOf } from './component-drafts.ts';
import { addRates } from './decimals.ts';
import type { SourceObject } from './source-object.ts';

type Document = Record<string, unknown>;

/** Fees that whoever takes a payment charges, with it: they stand on no energy bill. */
const paymentFees = ['CC_PROCESSING', 'PAYMENT_PROCESSING'];

/**
 * The standard says nothing of GST on fees and publishers state them with it, so they are INCLUSIVE. A fee of a term is charged by
 * itself; any other waits until somebody says that it fell due.
 */
export function feesOf(contract: SourceObject): Document[] {
  const codes = new Map<string, number>();
  return contract.objects('fees').flatMap(fee => {
    const type = fee.text('type') ?? 'OTHER';
    const term = fee.text('term') ?? 'FIXED';
    const description = fee.text('description') ?? wordsOf(type);
    const terms = termsOf(fee, type, term);
    if (!terms) return [];
    fee.note('amount', 'taken as including GST, as publishers state fees');
    const code = counted(codeOf(`FEE_${type}`.slice(0, 28)), codes);
    return [{ ...terms, code, description, tax: 'GST', taxBasis: 'INCLUSIVE' }];
  });
}

function termsOf(fee: SourceObject, type: string, term: string): Document | undefined {
  const amount = fee.price('amount');
  const rate = fee.priceText('rate');
  if (term === 'PERCENT_OF_BILL') return shareOf(fee, type, rate);
  if (rate !== undefined && rate !== '0') fee.refuse('rate', 'only a fee that is PERCENT_OF_BILL has a rate');
  if (amount === undefined) {
    fee.note('amount', 'a fee without an amount is not part of the prices');
    return undefined;
  }
  if (amount === 0n) return undefined;
  const text = formatRate(amount);
  if (term === 'ANNUAL') return { kind: 'fee', trigger: 'ANNUAL', amount: text };
  if (term === 'BIANNUAL') return { kind: 'fee', trigger: 'ANNUAL', amount: formatRate(addRates(amount, amount)) };
  if (term === 'MONTHLY') return { kind: 'fee', trigger: 'MONTHLY', amount: text };
  if (term === 'DAILY') return { kind: 'supply', amount: text, per: 'DAY' };
  if (term === 'WEEKLY') {
    fee.refuse('term', 'a fee for a week cannot be billed; state it for a day');
    return undefined;
  }
  if (term === 'VARIABLE') fee.note('term', `the fee varies; ${text} is what is charged when it falls due`);
  else if (term !== 'FIXED')
    fee.note('term', `${type} in contract year ${term.charAt(0)}: charged when somebody says so`);
  return { kind: 'fee', trigger: 'EVENT', amount: text };
}

function shareOf(fee: SourceObject, type: string, rate: string | undefined): Document | undefined {
  if (rate === undefined) {
    fee.refuse('rate', 'a fee that is PERCENT_OF_BILL has a rate');
    return undefined;
  }
  if (paymentFees.includes(type)) {
    fee.note('rate', `${type} of ${rate} is charged with the payment, not on the bill`);
    return undefined;
  }
  const answer = fee.report.ask({
    id: `FEE_${type}.always`,
    pointer: fee.pointer,
    question: `Does every bill carry this fee of ${rate} of its amount (CHARGE), or only some (LEAVE_OUT)?`,
    choices: ['CHARGE', 'LEAVE_OUT'],
    chosen: undefined,
  });
  return answer === 'CHARGE' ? { kind: 'fee', trigger: 'PERCENT_OF_BILL', rate } : undefined;
}

/** A charge for the meter is billed when it is one sum for a day, month or year; a range depends on a meter nobody named. */
export function meteringChargesOf(plan: SourceObject): Document[] {
  const per: Record<string, string> = { P1D: 'DAY', P1M: 'MONTH', P1Y: 'YEAR' };
  return plan.objects('meteringCharges').flatMap((charge, at): Document[] => {
    const [amount, most] = [charge.priceText('minimumValue'), charge.priceText('maximumValue')];
    const period = charge.text('period');
    const description = charge.text('displayName') ?? 'Metering charge';
    charge.leaveAsText('description');
    if (amount === undefined || (most !== undefined && most !== amount))
      charge.refuse('maximumValue', 'a range depends on the meter: state one value, or bill it as a fee');
    if (period === undefined) {
      charge.note('period', 'a charge without a period is for an event and is not part of the prices');
      return [];
    }
    if (!per[period]) charge.refuse('period', `a charge for ${period} cannot be billed; P1D, P1M and P1Y can`);
    const code = `METERING${at === 0 ? '' : `_${at + 1}`}`;
    return [{ kind: 'supply', code, description, amount: amount ?? '0', per: per[period] ?? 'DAY', tax: 'GST' }];
  });
}

function counted(code: string, codes: Map<string, number>): string {
  const count = (codes.get(code) ?? 0) + 1;
  codes.set(code, count);
  return count === 1 ? code : `${code}_${count}`;
}

/** "Late payment" */
function wordsOf(type: string): string {
  return type.charAt(0) + type.slice(1).toLowerCase().replaceAll('_', ' ');
}
