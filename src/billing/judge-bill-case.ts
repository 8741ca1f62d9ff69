import { assert } from '../kernel/assert.ts';
import { parseRate, type Rate } from '../units/rate.ts';
import type { BillCase, ExpectedLine } from './bill-case.ts';
import type { CaseBills } from './run-bill-case.ts';

type Expected = BillCase['expected'];

/** Every difference between what a case expects and what our bills say, as sentences; none means they agree. */
export function judgeBillCase(expected: Expected, ours: CaseBills): string[] {
  const { amount, quantity } = expected.tolerance ?? { amount: '0', quantity: '0' };
  const money = (what: string, theirs: string | undefined, mine: string) =>
    theirs === undefined || isNear(theirs, mine, amount) ? [] : [`${what} is ${mine}, not ${theirs}`];
  return [
    ...(expected.lines ?? []).flatMap(line => judgeLine(line, ours, amount, quantity)),
    ...(expected.lines && !expected.otherLines ? unexpected(expected.lines, ours) : []),
    ...money('chargesExTax', expected.chargesExTax, ours.chargesExTax),
    ...(expected.taxes ?? []).flatMap(tax => {
      const mine = ours.taxes.find(({ code }) => code === tax.code) ?? { taxable: '0', amount: '0' };
      return [
        ...money(`tax ${tax.code}`, tax.amount, mine.amount),
        ...money(`the sum taxed with ${tax.code}`, tax.taxable, mine.taxable),
      ];
    }),
    ...money('tax', expected.tax, ours.tax),
    ...money('total', expected.total, ours.total),
    ...money('totalDue', expected.totalDue, ours.totalDue),
    ...(expected.conditional ?? []).flatMap(({ code, amount: off, total }) => {
      const mine = ours.conditional.find(each => each.code === code) ?? { amount: '0', total: '0' };
      return [...money(`${code}, if earned,`, off, mine.amount), ...money(`the total with ${code}`, total, mine.total)];
    }),
    ...(expected.days === undefined || expected.days === ours.days
      ? []
      : [`there are ${ours.days} days, not ${expected.days}`]),
  ];
}

function judgeLine(line: ExpectedLine, ours: CaseBills, amountTolerance: string, quantityTolerance: string): string[] {
  const fitting = ours.lines.filter(mine => fits(line, mine));
  const name = line.from ? `${line.code} from ${line.from}` : line.code;
  const count = line.count ?? (fitting.length === 0 ? 1 : fitting.length);
  if (fitting.length !== count) return [`there are ${fitting.length} lines ${name}, not ${count}`];
  const problems: string[] = [];
  for (const [field, tolerance] of [
    ['quantity', quantityTolerance],
    ['amount', amountTolerance],
  ] as const) {
    const theirs = line[field];
    const mine = sum(fitting.map(each => each[field]));
    if (theirs !== undefined && !isNear(theirs, mine, tolerance))
      problems.push(`${name}: ${field} is ${mine}, not ${theirs}`);
  }
  for (const field of ['unit', 'unitPrice', 'taxCode'] as const) {
    const theirs = line[field];
    const other = fitting.find(mine => !isSame(field, theirs, mine[field]));
    if (theirs !== undefined && other) problems.push(`${name}: ${field} is ${other[field]}, not ${theirs}`);
  }
  return problems;
}

/** "USE" is USE and USE.PEAK; "USE.PEAK" is that line alone. */
function fits({ code, from }: ExpectedLine, line: CaseBills['lines'][number]): boolean {
  return (line.code === code || line.code.startsWith(`${code}.`)) && (from === undefined || line.from === from);
}

function unexpected(lines: ExpectedLine[], ours: CaseBills): string[] {
  return ours.lines
    .filter(mine => !lines.some(line => fits(line, mine)))
    .map(({ code, from, amount }) => `line ${code} from ${from} over ${amount} is not expected`);
}

/** A price may be written with more zeros than the paper has. */
function isSame(field: string, theirs: string | undefined, mine: string): boolean {
  if (theirs === mine || field !== 'unitPrice') return theirs === mine;
  const [a, b] = [parseRate(theirs ?? ''), parseRate(mine)];
  return a !== undefined && a === b;
}

function isNear(theirs: string, mine: string, tolerance: string): boolean {
  const apart = exact(theirs) - exact(mine);
  return (apart < 0n ? -apart : apart) <= exact(tolerance);
}

function sum(texts: string[]): string {
  const total = texts.reduce((sum, text) => sum + exact(text), 0n);
  const digits = String(total < 0n ? -total : total).padStart(9, '0');
  const fraction = digits.slice(-8).replace(/0+$/, '');
  return `${total < 0n ? '-' : ''}${digits.slice(0, -8)}${fraction && `.${fraction}`}`;
}

/** Eight decimals hold every amount, price and quantity there is. */
function exact(text: string): Rate {
  const rate = parseRate(text);
  assert(rate !== undefined, `"${text}" is a decimal of at most eight places`);
  return rate;
}
