import { describe, expect, it } from 'vitest';
import { lineTax, sumWithTax, type Tax, type Taxable } from '../../src/tariffs/taxes.ts';
import { cents } from '../../src/units/money.ts';
import { parseRate } from '../../src/units/rate.ts';

const gst = (percent: string, halfCents: Tax['halfCents'] = 'UP'): Tax => ({
  name: `GST at ${percent}`,
  percent: parseRate(percent)!,
  halfCents,
});
const line = (amount: number, more: Partial<Taxable> = {}): Taxable => ({
  ...{ amount: cents(amount), taxCode: 'GST', tax: gst('10'), basis: 'EXCLUSIVE', mode: 'TOTAL' },
  ...more,
});
const untaxed = (amount: number) => line(amount, { taxCode: 'NONE', tax: undefined });

describe('tax on a sum of one line', () => {
  it.each`
    amount   | percent   | half      | basis          | exTax    | tax     | total
    ${100}   | ${'10'}   | ${'UP'}   | ${'EXCLUSIVE'} | ${100n}  | ${10n}  | ${110n}
    ${5}     | ${'10'}   | ${'UP'}   | ${'EXCLUSIVE'} | ${5n}    | ${1n}   | ${6n}
    ${5}     | ${'10'}   | ${'DOWN'} | ${'EXCLUSIVE'} | ${5n}    | ${0n}   | ${5n}
    ${6}     | ${'10'}   | ${'DOWN'} | ${'EXCLUSIVE'} | ${6n}    | ${1n}   | ${7n}
    ${4}     | ${'10'}   | ${'UP'}   | ${'EXCLUSIVE'} | ${4n}    | ${0n}   | ${4n}
    ${-5}    | ${'10'}   | ${'UP'}   | ${'EXCLUSIVE'} | ${-5n}   | ${-1n}  | ${-6n}
    ${-5}    | ${'10'}   | ${'DOWN'} | ${'EXCLUSIVE'} | ${-5n}   | ${0n}   | ${-5n}
    ${-6}    | ${'10'}   | ${'DOWN'} | ${'EXCLUSIVE'} | ${-6n}   | ${-1n}  | ${-7n}
    ${0}     | ${'10'}   | ${'DOWN'} | ${'EXCLUSIVE'} | ${0n}    | ${0n}   | ${0n}
    ${1000}  | ${'0'}    | ${'UP'}   | ${'EXCLUSIVE'} | ${1000n} | ${0n}   | ${1000n}
    ${1000}  | ${'12.5'} | ${'UP'}   | ${'EXCLUSIVE'} | ${1000n} | ${125n} | ${1125n}
    ${110}   | ${'10'}   | ${'UP'}   | ${'INCLUSIVE'} | ${100n}  | ${10n}  | ${110n}
    ${115}   | ${'15'}   | ${'DOWN'} | ${'INCLUSIVE'} | ${100n}  | ${15n}  | ${115n}
    ${-110}  | ${'10'}   | ${'UP'}   | ${'INCLUSIVE'} | ${-100n} | ${-10n} | ${-110n}
    ${1}     | ${'100'}  | ${'UP'}   | ${'INCLUSIVE'} | ${0n}    | ${1n}   | ${1n}
    ${1}     | ${'100'}  | ${'DOWN'} | ${'INCLUSIVE'} | ${1n}    | ${0n}   | ${1n}
    ${-1}    | ${'100'}  | ${'DOWN'} | ${'INCLUSIVE'} | ${-1n}   | ${0n}   | ${-1n}
    ${10055} | ${'5'}    | ${'UP'}   | ${'INCLUSIVE'} | ${9576n} | ${479n} | ${10055n}
  `('$amount at $percent %, half a cent $half, $basis: $exTax and $tax', each => {
    const { exTax, tax, total, taxes } = sumWithTax([
      line(each.amount, { tax: gst(each.percent, each.half), basis: each.basis }),
    ]);
    expect({ exTax, tax, total }).toEqual({ exTax: each.exTax, tax: each.tax, total: each.total });
    expect(taxes).toEqual([
      {
        ...{ code: 'GST', name: `GST at ${each.percent}`, percent: parseRate(each.percent), basis: each.basis },
        ...{ taxable: each.exTax, amount: each.tax },
      },
    ]);
  });
});

describe('tax on a sum of lines', () => {
  const groups = (lines: Taxable[]) =>
    sumWithTax(lines).taxes.map(({ code, basis, taxable, amount }) => [code, basis, taxable, amount]);

  it('is taken once of the sum, or of every line and added up', () => {
    const lines = [5, 5, 5];
    expect(groups(lines.map(amount => line(amount)))).toEqual([['GST', 'EXCLUSIVE', 15n, 2n]]);
    expect(groups(lines.map(amount => line(amount, { mode: 'LINE' })))).toEqual([['GST', 'EXCLUSIVE', 15n, 3n]]);
  });

  it('leaves out what is outside tax, and still has it paid', () => {
    expect(sumWithTax([line(1000), untaxed(333)])).toMatchObject({ exTax: 1333n, tax: 100n, total: 1433n });
    expect(groups([line(1000), untaxed(333)])).toEqual([['GST', 'EXCLUSIVE', 1000n, 100n]]);
    expect(sumWithTax([untaxed(-50)])).toEqual({ taxes: [], exTax: -50n, tax: 0n, total: -50n });
    expect(sumWithTax([])).toEqual({ taxes: [], exTax: 0n, tax: 0n, total: 0n });
  });

  it('keeps apart what differs in code, percentage, half cents, basis or mode, in the order of the lines', () => {
    const lines = [
      line(1000, { basis: 'INCLUSIVE' }),
      line(100),
      line(100, { taxCode: 'LEVY' }),
      line(100, { tax: gst('5') }),
      line(5, { tax: gst('10', 'DOWN') }),
      line(5, { mode: 'LINE' }),
      line(200),
    ];
    expect(groups(lines)).toEqual([
      ['GST', 'INCLUSIVE', 909n, 91n],
      ['GST', 'EXCLUSIVE', 300n, 30n],
      ['LEVY', 'EXCLUSIVE', 100n, 10n],
      ['GST', 'EXCLUSIVE', 100n, 5n],
      ['GST', 'EXCLUSIVE', 5n, 0n],
      ['GST', 'EXCLUSIVE', 5n, 1n],
    ]);
    // Only the tax inside prices comes off them: 1510 - 91.
    expect(sumWithTax(lines)).toMatchObject({ exTax: 1419n, tax: 137n, total: 1556n });
  });

  it('stops at a code the plan does not define', () => {
    expect(() => sumWithTax([line(1, { tax: undefined })])).toThrow('defines every tax code');
  });
});

it('a line says its own tax only where tax is taken by line', () => {
  expect(lineTax(line(5))).toBeUndefined();
  expect(lineTax(line(5, { mode: 'LINE' }))).toBe(1n);
  expect(lineTax({ ...untaxed(5), mode: 'LINE' })).toBe(0n);
});
