import { describe, expect, it } from 'vitest';
import { correctedLines, creditPart, recoverUndercharge, sumOfLines } from '../../src/billing/corrections.ts';
import type { InvoiceLine } from '../../src/billing/invoice.ts';
import { addCents, type Cents, cents, divideHalfAwayFromZero, formatCents, zeroCents } from '../../src/units/money.ts';
import { addDays, addMonths, type Day, firstDayOf, type Month } from '../../src/units/time.ts';

function line(code: string, quantity: string, unitPrice: string, amount: string, from = '2025-01-01'): InvoiceLine {
  const to = addDays(firstDayOf(addMonths(from.slice(0, 7) as Month, 1)), -1);
  const words = { group: 'grid', description: code, when: '', unit: 'kWh', taxCode: 'GST' } as const;
  return { code, from, to, quantity, unitPrice, amount, ...words };
}

const amountsOf = (lines: InvoiceLine[]) => lines.map(({ code, quantity, amount }) => `${code} ${quantity} ${amount}`);
const tenPercent = (net: Cents) => cents(divideHalfAwayFromZero(net, 10n));
const money = formatCents;

describe('a correction takes the old line back whole and bills it anew', () => {
  it('at the price of the days it was used on: an estimated January on February’s bill (B53)', () => {
    const issued = [line('USE.ALL', '300', '0.30', '90.00'), line('SUPPLY', '31', '1.00', '31.00')];
    const actual = [line('USE.ALL', '280', '0.30', '84.00'), line('SUPPLY', '31', '1.00', '31.00')];
    const correction = correctedLines(issued, actual);
    expect(amountsOf(correction)).toEqual(['USE.ALL -300 -90.00', 'USE.ALL 280 84.00']);
    expect(correction.map(({ role, unitPrice }) => [role, unitPrice])).toEqual([
      ['reversed', '0.30'],
      ['billed-anew', '0.30'],
    ]);
    const february = [
      line('USE.ALL', '240', '0.33', '79.20', '2025-02-01'),
      line('SUPPLY', '28', '1.00', '28.00', '2025-02-01'),
    ];
    const net = sumOfLines([...february, ...correction]);
    expect([net, tenPercent(net), addCents(net, tenPercent(net))].map(money)).toEqual(['101.20', '10.12', '111.32']);
    // 133.10 as issued and 111.32 are the 126.50 and 117.92 that actual readings would have given.
    expect(13310n + 11132n).toBe(12650n + 11792n);
  });

  it('where late usage crosses a bound and all units get another price (B29)', () => {
    const correction = correctedLines(
      [line('USE.ALL.T1', '15', '10', '150.00')],
      [line('USE.ALL.T2', '16', '5', '80.00')],
    );
    expect(amountsOf(correction)).toEqual(['USE.ALL.T1 -15 -150.00', 'USE.ALL.T2 16 80.00']);
    expect(money(sumOfLines(correction))).toBe('-70.00');
  });

  it('and negative amounts round like positive ones: usage and supply of B01 taken back (B03)', () => {
    const issued = [line('USE.ALL', '325.2', '0.3968', '129.04'), line('SUPPLY', '31', '0.9803', '30.39')];
    const net = sumOfLines(correctedLines(issued, []));
    expect([net, tenPercent(net), addCents(net, tenPercent(net))].map(money)).toEqual(['-159.43', '-15.94', '-175.37']);
  });

  it('and nothing when rating says the same', () => {
    const issued = [line('USE.ALL', '300', '0.30', '90.00'), line('FIT.ALL', '-0', '0.10', '0.00')];
    expect(correctedLines(issued, structuredClone(issued))).toEqual([]);
  });

  it('keeps months apart, and adds a line nobody had billed', () => {
    const january = line('USE.ALL', '1', '1', '1.00');
    const february = line('USE.ALL', '1', '1', '1.00', '2025-02-01');
    expect(amountsOf(correctedLines([january], [january, february]))).toEqual(['USE.ALL 1 1.00']);
  });

  it('turns credits around, and leaves no minus zero', () => {
    const issued = [line('FIT.ALL', '-150', '0.09', '-13.50'), line('ZERO', '0', '1', '0.00')];
    expect(amountsOf(correctedLines(issued, []))).toEqual(['FIT.ALL 150 13.50', 'ZERO 0 0.00']);
  });
});

describe('a credit note takes its share of the tax, the last one what is left (B27)', () => {
  const none = { net: zeroCents, tax: zeroCents };
  const invoice = (net: bigint, tax: bigint) => ({ net: cents(net), tax: cents(tax) });
  const share = (net: bigint, used: bigint, of: bigint) => cents(divideHalfAwayFromZero(net * used, of));

  it.each([
    [
      '29 of 30 days of 200.00 with 25 %',
      invoice(20_000n, 5_000n),
      share(20_000n, 29n, 30n),
      [19_333n, 4_833n, 24_166n],
    ],
    [
      '29 of 30 days of 160.00 with 25 %',
      invoice(16_000n, 4_000n),
      share(16_000n, 29n, 30n),
      [15_467n, 3_867n, 19_334n],
    ],
    ['6 of 7 days of 29.99 with 23.33 %', invoice(2_999n, 700n), share(2_999n, 6n, 7n), [2_571n, 600n, 3_171n]],
    ['726.86 of 769.00 with 20 %', invoice(76_900n, 15_380n), cents(72_686n), [72_686n, 14_537n, 87_223n]],
  ])('%s', (_, whole, net, expected) => {
    const credit = creditPart(whole, none, net);
    expect([credit.net, credit.tax, credit.total]).toEqual(expected);
  });

  it('together they are the invoice, to the cent', () => {
    const whole = invoice(76_900n, 15_380n);
    const first = creditPart(whole, none, cents(72_686n));
    const last = creditPart(whole, first, cents(4_214n));
    expect(last).toEqual({ net: 4_214n, tax: 843n, total: 5_057n });
    expect(first.total + last.total).toBe(92_280n);
  });

  it('never give back more tax than the invoice had, however small the parts', () => {
    const whole = invoice(100n, 5n);
    let credited = none;
    for (let part = 0; part < 10; part++) {
      const { net, tax } = creditPart(whole, credited, cents(10n));
      credited = { net: addCents(credited.net, net), tax: addCents(credited.tax, tax) };
    }
    expect(credited).toEqual({ net: 100n, tax: 5n });
  });

  it('cannot exceed what is left', () => {
    expect(() => creditPart(invoice(100n, 10n), invoice(60n, 6n), cents(41n))).toThrow('no more is credited');
  });
});

describe('an undercharge is recovered for nine months at most (B54)', () => {
  const monthly = (count: number, amount: bigint) =>
    Array.from({ length: count }, (_, at) => {
      const month = addMonths('2025-03' as Month, at - count);
      return { from: firstDayOf(month), to: firstDayOf(addMonths(month, 1)), amount: cents(amount) };
    });
  const found = '2025-03-01' as Day;

  it('of fourteen months of 20.00, 180.00 are asked for in twelve parts of 15.00 and 100.00 are borne', () => {
    const { recoverable, writtenOff, instalments } = recoverUndercharge(monthly(14, 2_000n), found);
    expect([recoverable, writtenOff].map(money)).toEqual(['180.00', '100.00']);
    expect(instalments.map(money)).toEqual(Array.from({ length: 12 }, () => '15.00'));
  });

  it('nothing is borne when the fault was the customer’s', () => {
    expect(recoverUndercharge(monthly(14, 2_000n), found, true)).toMatchObject({
      recoverable: 28_000n,
      writtenOff: 0n,
    });
  });

  it('instalments of an odd sum still add up', () => {
    const { recoverable, instalments } = recoverUndercharge(monthly(1, 1_000n), found);
    expect(addCents(...instalments)).toBe(recoverable);
    expect(instalments.slice(0, 5).map(money)).toEqual(['0.84', '0.84', '0.84', '0.84', '0.83']);
  });

  it('a part across the limit counts by days, and a short month has no 31st', () => {
    // Nine months before 30 November is the last day of February, which is 1 of its 28 days.
    const february = [{ from: '2025-02-01' as Day, to: '2025-03-01' as Day, amount: cents(2_800n) }];
    expect(recoverUndercharge(february, '2025-11-30' as Day)).toMatchObject({ recoverable: 100n, writtenOff: 2_700n });
  });
});
