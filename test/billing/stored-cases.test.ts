import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BillCase, billCaseSchema } from '../../src/billing/bill-case.ts';
import type { InvoiceDocument } from '../../src/billing/invoice.ts';
import { type CaseBills, runBillCase } from '../../src/billing/run-bill-case.ts';
import { traceLine } from '../../src/billing/trace-line.ts';
import type { House } from '../../src/house.ts';
import { Refusal } from '../../src/kernel/errors.ts';
import { addCents, formatCents, parseCents, zeroCents } from '../../src/units/money.ts';
import { storeCase } from './stored-case.ts';

const folder = join(import.meta.dirname, '../bill-cases');
const seriesFolder = join(folder, readFileSync(join(folder, 'series.path'), 'utf8').trim());
const haveSeries = existsSync(seriesFolder);
if (!haveSeries)
  console.warn(`SKIPPED: no series of a year in ${seriesFolder}; the bill cases that need one are not stored`);

const readFile = (name: string) => readFileSync(join(seriesFolder, name), 'utf8');
const cases = readdirSync(folder)
  .filter(name => name.endsWith('.json'))
  .sort()
  .flatMap(name => customersOf(name.replace('.json', ''), billCaseSchema.parse(readCase(name))));

describe('a stored customer gets the bill of the case, to the cent', () => {
  it.for(cases)('$name', async ({ billCase }, { skip }) => {
    skip(!haveSeries && readsFile(billCase), 'its series is not here');
    const expected = orRefusal(() => runBillCase(billCase, readFile));
    if (expected instanceof Refusal && expected.code === 'plan-invalid') {
      expect(() => storeCase(billCase, readFile)).toThrow(expected.message);
      return;
    }
    // Every one of them is rated a second time, minute by minute.
    const stored = storeCase(billCase, readFile);
    const { invoices, parked } = await stored.bill({ check: true });
    if (expected instanceof Refusal) expect(parked).toEqual([`SITE1: ${expected.message}`]);
    else {
      expect(parked).toEqual([]);
      expect(summed(invoices)).toEqual(expected);
      expect(notTheSameAgain(stored.house, invoices.at(-1)!)).toEqual([]);
    }
  });

  it('stores every case there is, whole or bill by bill', () => {
    const files = readdirSync(folder).filter(name => name.endsWith('.json'));
    expect(new Set(cases.map(({ name }) => name.split(' ')[0]))).toEqual(
      new Set(files.map(name => name.replace('.json', ''))),
    );
  });
});

/** The lines of an invoice whose page does not come to the same cents; the first twenty are asked. */
function notTheSameAgain(house: House, { number, supplies }: InvoiceDocument): unknown[] {
  const lines = supplies.flatMap(supply => supply.lines).slice(0, 20);
  return lines
    .map((_, at) => traceLine(house, number, at + 1))
    .filter(({ recomputed }) => recomputed && !('same' in recomputed && recomputed.same))
    .map(({ issued, recomputed }) => [issued.code, recomputed]);
}

/** A stored day is billed once: where a case asks for several bills of the same days, each is a customer of its own. */
function customersOf(name: string, billCase: BillCase): { name: string; billCase: BillCase }[] {
  const { periods = [] } = billCase;
  const twice = periods.some((one, at) =>
    periods.slice(at + 1).some(other => one.from < other.to && other.from < one.to),
  );
  if (!twice) return [{ name, billCase }];
  return periods.map(({ from, to }) => ({
    name: `${name} from ${from} to ${to}`,
    billCase: { ...billCase, periods: [{ from, to }] },
  }));
}

function readCase(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

function readsFile({ registers }: BillCase): boolean {
  return Object.values(registers).some(({ layers }) => layers.some(({ file }) => file !== undefined));
}

function orRefusal<T>(run: () => T): T | Refusal {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** Issued invoices in the words of a case. */
function summed(invoices: InvoiceDocument[]): CaseBills {
  const sum = (of: (invoice: InvoiceDocument) => string | undefined) =>
    formatCents(addCents(zeroCents, ...invoices.map(each => parseCents(of(each) ?? '0')!)));
  const supplies = invoices.flatMap(invoice => invoice.supplies);
  const codes = [...new Set(invoices.flatMap(({ taxes }) => taxes.map(({ code }) => code)))];
  const taxOf = (code: string) => (invoice: InvoiceDocument) => invoice.taxes.filter(tax => tax.code === code);
  const all = (code: string, field: 'taxable' | 'amount') =>
    formatCents(addCents(zeroCents, ...invoices.flatMap(taxOf(code)).map(tax => parseCents(tax[field])!)));
  return {
    lines: supplies.flatMap(({ lines }) =>
      lines.map(({ code, from, to, quantity, unit, unitPrice, amount, taxCode }) => ({
        ...{ code, from, to, quantity, unit, unitPrice, amount, taxCode },
      })),
    ),
    chargesExTax: sum(({ chargesExTax }) => chargesExTax),
    taxes: codes.map(code => ({ code, taxable: all(code, 'taxable'), amount: all(code, 'amount') })),
    tax: sum(({ tax }) => tax),
    total: sum(({ currentCharges }) => currentCharges),
    totalDue: invoices.at(-1)!.balance.totalDue,
    conditional: invoices.flatMap(({ conditional = [] }) => conditional),
    days: supplies.reduce((days, supply) => days + supply.days, 0),
  };
}
