import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BillCase, billCaseSchema } from '../../src/billing/bill-case.ts';
import { billRun } from '../../src/billing/bill-run.ts';
import { conditionalSentences } from '../../src/billing/conditional-words.ts';
import { invoiceMail } from '../../src/billing/invoice-mail.ts';
import { invoicePdf } from '../../src/billing/invoice-pdf.ts';
import { issueInvoices } from '../../src/billing/issue-invoices.ts';
import { traceLine } from '../../src/billing/trace-line.ts';
import { recordPayment } from '../../src/collections/record-payment.ts';
import { parseCents } from '../../src/units/money.ts';
import { addDays, type Day } from '../../src/units/time.ts';
import { flat, planDocument, supplyPerDay } from '../tariffs/fixtures.ts';
import { storeCase } from './stored-case.ts';

// What a customer of a real house is billed for beyond prices: each rule on a bill that came from stored readings and terms.

const withPoppler = spawnSync('pdftotext', ['-v']).error === undefined;
if (!withPoppler) console.warn('SKIPPED in part: pdftotext is not here (poppler-utils), so the paper is not read');

const april = { from: '2025-04-01', to: '2025-05-01' };

function sketch(parts: object): BillCase {
  return billCaseSchema.parse({
    ...{ title: 'x', source: 'x', site: { zone: 'Australia/Sydney' }, period: april, expected: { days: 30 } },
    registers: { IMPORT: { layers: [{ total: '100' }] } },
    ...parts,
  });
}

function knownCase(name: string): BillCase {
  const file = join(import.meta.dirname, '../bill-cases', `${name}.json`);
  return billCaseSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

async function printed(...args: Parameters<typeof invoicePdf>): Promise<string> {
  const { stdout } = spawnSync('pdftotext', ['-layout', '-', '-'], { input: await invoicePdf(...args) });
  return String(stdout).replaceAll(/\s+/g, ' ');
}

describe('these rules are on stored bills by their cases (stored-cases.test.ts)', () => {
  it.each([
    ['hours of use', 'B14a-hours-use', '"kind":"hoursUse"'],
    ['coincident events', 'B20-coincident-peaks', '"kind":"coincident"'],
    ['the mean of several peaks', 'own-average-of-four-peaks', '"fn":"AVG_OF_N"'],
    ['a ratchet on what earlier bills measured', 'own-ratchet-carried-by-bills', '"ratchet":'],
    ['kVA from two registers', 'B38-network-lines-kva', '"quantity":"KVA"'],
    ['day and night dials', 'own-day-and-night-dials', '"register":'],
    ['loss factors', 'own-loss-factors', '"lossFactor":'],
    ['rooftop solar inside an embedded network', 'B07-embedded-network-invoice', '"register":"SOLAR"'],
  ])('%s: %s', (_, name, says) => {
    expect(JSON.stringify(knownCase(name).plans)).toContain(says);
  });
});

it('what can be paid is rounded once an invoice, whatever the number of its supplies', async () => {
  const plan = planDocument({
    planCode: 'CASH',
    components: [flat('0.3333'), supplyPerDay('0.779')],
    payableRounding: { increment: '0.05' },
  });
  const supplies = [
    { plan: 'CASH', from: '2025-04-01', to: '2025-04-11' },
    { plan: 'CASH', from: '2025-04-11' },
  ];
  const { invoices } = await storeCase(sketch({ plans: [plan], supplies })).bill({ check: true });
  expect(invoices).toHaveLength(1);
  const lines = invoices[0]!.supplies.map(supply => supply.lines.map(({ code }) => code));
  expect(lines).toEqual([
    ['USE.ALL', 'SUPPLY'],
    ['USE.ALL', 'SUPPLY', 'ROUNDING'],
  ]);
  expect(invoices[0]!.currentCharges).toMatch(/[05]$/);
});

it('a discount that can be earned is on paper, mail and page, and not in the total', async () => {
  const { invoices } = await storeCase(knownCase('own-discount-if-paid-on-time')).bill();
  const [invoice] = invoices;
  const [offer] = invoice!.conditional ?? [];
  expect([invoice!.currentCharges, offer?.amount, offer?.total]).toEqual(['220.00', '-22.00', '198.00']);
  const [sentence] = conditionalSentences(invoice!);
  expect(sentence).toMatch(/: pay \$198\.00 by \d+ \w+ 20\d\d, and \$22\.00 is credited on your next invoice\.$/);
  const to = { name: 'Ada', address: 'ada@example.com' };
  expect(invoiceMail(invoice!, Buffer.from(''), to).text).toContain(sentence);
  if (withPoppler) expect(await printed(invoice!)).toContain(sentence);
});

it.each([
  ['-30.00', 'DIRECT_DEBIT', 'Debit: if you earn it, $22.00 comes off and this invoice is $198.00.'],
  ['20.00', 'PAY_ON_TIME', 'Debit: nothing need be paid by then, and $22.00 is credited on your next invoice.'],
])('with %s due a discount of %s says what is true of it', async (totalDue, category, sentence) => {
  const { invoices } = await storeCase(knownCase('own-discount-if-paid-on-time')).bill();
  const { balance, ...invoice } = invoices[0]!;
  const conditional = [{ code: 'D', category, description: 'Debit', amount: '-22.00', total: '198.00' }];
  expect(conditionalSentences({ ...invoice, conditional, balance: { ...balance, totalDue } })).toEqual([sentence]);
});

it.each([
  ['197.99', []],
  ['198.00', [{ amount: '-22.00', taxCode: 'GST' }]],
])('what was promised for paying in time is credited on the next bill when %s was paid', async (amount, credited) => {
  const known = knownCase('own-discount-if-paid-on-time');
  const april = { from: known.period!.from, to: known.period!.to };
  const may = { from: april.to, to: addDays(april.to, 31) };
  const { house } = storeCase(
    billCaseSchema.parse({
      ...{ ...known, period: undefined, periods: [april, may] },
      registers: { IMPORT: { layers: [april, may].map(days => ({ total: '800', ...days })) } },
    }),
  );
  const issueWith = { ...house, renderPdf: async () => Buffer.from('%PDF-') };
  await billRun(house, april);
  await issueInvoices(issueWith, house.drafts.listIds());
  const paid = {
    receivedOn: '2030-01-01' as Day,
    amount: parseCents(amount)!,
    method: 'other',
    reference: '',
  } as const;
  recordPayment(house, 'A-1', { ...paid, dedupeKey: 'p' });
  const [verdict] = await billRun(house, may);
  if (verdict?.verdict !== 'drafted') throw new Error(JSON.stringify(verdict));
  const { document } = house.drafts.get(verdict.draftId);
  const own = document.supplies.flatMap(({ lines }) => lines).filter(({ ofInvoice }) => ofInvoice);
  expect(own).toMatchObject(credited);
  expect(own).toHaveLength(credited.length);
});

describe('half-hours nobody knows', () => {
  const holed = (estimation: object) =>
    sketch({
      plans: [planDocument({ components: [flat('0.30')] })],
      registers: {
        IMPORT: { layers: [{ each: '0.5' }, { missing: true, from: '2025-04-20', to: '2025-04-21' }] },
      },
      ...estimation,
    });

  it('park the bill, by name', async () => {
    const { invoices, parked } = await storeCase(holed({})).bill();
    expect([invoices, parked]).toEqual([
      [],
      ['SITE1: IMPORT lacks 48 of 1442 intervals, the first from 2025-04-20T00:00:00+10:00'],
    ]);
  });

  it('or are estimated as the contract says, and the bill says so: line, share, banner', async () => {
    const { invoices } = await storeCase(holed({ estimation: 'LIKE_WEEKS' })).bill({ check: true });
    const [supply] = invoices[0]!.supplies;
    expect(supply?.lines).toMatchObject([{ code: 'USE.ALL', quantity: '721', estimated: true }]);
    expect(Number(supply?.estimatedPercent)).toBeCloseTo(3.3, 1);
    if (withPoppler) expect(await printed(invoices[0]!)).toContain('of this energy was not measured');
  });
});

describe('the meter calls and measures things its own way', () => {
  const kva = planDocument({
    components: [
      {
        ...{ kind: 'demand', code: 'KVA', quantity: 'KVA', register: 'IMPORT', reactiveRegister: 'Q1' },
        ...{ unitPrice: '10', tax: 'GST', measurementPeriod: 'BILL', chargePeriod: 'MONTH' },
      },
    ],
  });
  // 3 kW and 4 kVAr are 5 kVA.
  it.each([
    ['kVArh', '2'],
    ['kVAr', '4'],
  ])('reactive values in %s are the same demand', async (unit, each) => {
    const registers = { IMPORT: { layers: [{ each: '1.5' }] }, Q1: { layers: [{ each }] } };
    const { invoices } = await storeCase(sketch({ plans: [kva], registers }), undefined, { units: { Q1: unit } }).bill({
      check: true,
    });
    expect(invoices[0]!.supplies[0]!.lines).toMatchObject([
      { code: 'KVA', quantity: '5', unit: 'kVA', amount: '50.00' },
    ]);
  });

  it('a channel of mean kVA by its name is the demand, and no energy', async () => {
    const plan = planDocument({
      components: [
        flat('0.30'),
        {
          ...{ kind: 'demand', code: 'KVA', quantity: 'KVA', register: 'S1' },
          ...{ unitPrice: '10', tax: 'GST', measurementPeriod: 'BILL', chargePeriod: 'MONTH' },
        },
      ],
    });
    const registers = { IMPORT: { layers: [{ total: '100' }] }, S1: { layers: [{ each: '7' }] } };
    const { invoices, parked } = await storeCase(sketch({ plans: [plan], registers }), undefined, {
      units: { S1: 'kVA' },
    }).bill({ check: true });
    expect(parked).toEqual([]);
    expect(invoices[0]!.supplies[0]!.lines).toMatchObject([
      { code: 'USE.ALL', quantity: '100' },
      { code: 'KVA', quantity: '7', unit: 'kVA', amount: '70.00' },
    ]);
  });

  it('volts of the same flow are no energy', async () => {
    const registers = { IMPORT: { layers: [{ total: '100' }] }, V1: { layers: [{ each: '240' }] } };
    const plans = [planDocument({ components: [flat('0.30')] })];
    const { invoices } = await storeCase(sketch({ plans, registers }), undefined, { units: { V1: 'V' } }).bill();
    expect(invoices[0]!.supplies[0]!.lines).toMatchObject([{ code: 'USE.ALL', quantity: '100' }]);
  });

  it('the controlled load is on the channel the contract names, and not in the general usage too', async () => {
    const codes = { CONTROLLED_LOAD: 'E2' };
    const known = knownCase('own-controlled-load-apart');
    const { invoices } = await storeCase(known, undefined, { codes }).bill({ check: true });
    expect(invoices[0]!.currentCharges).toBe(known.expected.total);
  });
});

it('a price of the contract’s own is said as a difference to the plan', async () => {
  const stored = storeCase(knownCase('own-price-of-ones-own'));
  const { invoices } = await stored.bill({ check: true });
  const { house } = stored;
  const trace = traceLine(house, invoices[0]!.number, 1);
  expect(trace.plan?.changes).toEqual([{ at: '/components/0/rates/0/unitPrice', was: '0.25', is: '0.22' }]);
  expect(trace.words).toContain(
    "The customer's contract changes /components/0/rates/0/unitPrice of the plan from 0.25 to 0.22.",
  );
  expect(trace.recomputed).toMatchObject({ same: true, amount: '22.00' });
});
