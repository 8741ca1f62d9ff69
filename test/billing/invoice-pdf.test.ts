import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InvoiceDocument } from '../../src/billing/invoice.ts';
import { invoicePdf } from '../../src/billing/invoice-pdf.ts';
import {
  britishQuarter,
  creditNote,
  empty,
  hostile,
  inCredit,
  sampleInvoice,
  sampleSeller,
  sampleSupply,
  severalSupplies,
  zeroUsage,
} from './sample-invoice.ts';

const withPoppler = spawnSync('pdftotext', ['-v']).error === undefined;
if (!withPoppler)
  console.warn('invoice-pdf.test: pdftotext is not here (poppler-utils), so no printed text is checked');

const samples: [string, () => InvoiceDocument][] = [
  ['an ordinary bill', sampleInvoice],
  ['a bill in credit', inCredit],
  ['a bill without usage', zeroUsage],
  ['a credit note', creditNote],
  ['several supplies', severalSupplies],
  ['a British quarter', britishQuarter],
  ['a hostile document', hostile],
  ['an empty document', empty],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'invoice-pdf-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function poppler(tool: string, options: string[], invoice: InvoiceDocument): Promise<string> {
  const path = join(folder, 'bill.pdf');
  writeFileSync(path, await invoicePdf(invoice));
  const args = tool === 'pdftotext' ? [...options, path, '-'] : [...options, path];
  return execFileSync(tool, args, { encoding: 'utf8', maxBuffer: 1e8 });
}

/** The words of the paper in one line, so that a test need not know where they stand. */
async function textOf(invoice: InvoiceDocument, ...options: string[]): Promise<string> {
  return (await poppler('pdftotext', ['-layout', ...options], invoice)).replaceAll(/\s+/g, ' ');
}

describe.skipIf(!withPoppler)('what the bill says', () => {
  it('carries everything a tax invoice for electricity must', async () => {
    const text = await textOf(sampleInvoice());
    const expected = [
      ['Wattle Grove Shopping Centre', 'ABN 00 000 000 019', 'Tax invoice', 'Your electricity account'],
      ['Faults and emergencies, 24 hours', '1800 975 708', 'Southern Example Networks'],
      ['Account number 9038075', 'Invoice number 9038075/01', 'Issue date 6 Nov 2026', 'Customer ABN 00 000 000 027'],
      ['Kookaburra Books & Tea', 'PO Box 1234', 'EXAMPLETON SA 5999', 'Account name Kookaburra Books & Tea'],
      ['Total amount due', 'Pay by', '20 Nov 2026'],
      ['Supply address Shop 14, 1 Arcade Lane', 'NMI 2001999999', 'Supply period 1 Oct to 31 Oct 2026 (31 days)'],
      ['Previous balance', 'Payment received', 'Balance brought forward', 'Total current charges'],
      ['$512.40 on 19 Oct 2026 (BPAY)', 'Energy charges from the grid', 'Energy charges from rooftop solar'],
      ['Daily supply charge', 'Other charges', 'Total GST', 'How to pay', 'Call 1300 975 712'],
      [
        'Biller code: 999999',
        'Reference: 9038 0751',
        'Credit and debit card payments',
        'incur a 1% fee including GST.',
      ],
      ['wattlegrove.example/pay', 'avoid a late payment fee', 'BSB 000-000, account 1234 5678'],
      ['40917/E1 COMMS4', '40917/B1 COMMS4', '28,304.990', '29,178.594', '873.604', '395.880'],
      ['Twelve months of energy', 'Carbon dioxide', 'Your daily usage', 'Same period last year'],
      ['Meter access', 'Payment difficulty', 'Complaints', 'Energy Ombudsman of Example State', 'Moving premises'],
      ['National Relay Service', '1800 975 710', 'Interpreter', '1800 975 709', 'version 3, prices from 1 Jul 2026'],
    ].flat();
    for (const words of expected) expect(text).toContain(words);
  });

  it('prints the golden figures: 251.09 + 98.97 + 49.60 = 399.66, GST 39.97, 439.63', async () => {
    const text = await textOf(sampleInvoice());
    expect(text).toContain('Peak energy Every day 17:00 to 21:00 210.500 kWh $0.4000 $84.20');
    expect(text).toContain('Shoulder energy Mon to Fri 07:00 to 17:00 325.200 kWh $0.2950 $95.93');
    expect(text).toContain('Daily supply charge 31 days $1.6000 $49.60');
    for (const figure of ['$251.09', '$98.97', '$49.60', '$39.97', '$439.63']) expect(text).toContain(figure);
    expect(text).toContain('Charges before GST $399.66 GST 10 % of $399.66 $39.97 Total current charges $439.63');
  });

  it('says CR and nothing to pay when the account is in credit, and does not ask for money', async () => {
    const text = await textOf(inCredit());
    expect(text).toContain('$60.37 CR');
    expect(text).toContain('Nothing to pay');
    expect(text).not.toContain('Biller code');
    expect(text).not.toContain('Pay by');
  });

  it('says nothing to pay for exactly nothing, without CR', async () => {
    const text = await textOf(zeroUsage());
    expect(text).toContain('$0.00');
    expect(text).toContain('Nothing to pay');
    expect(text).not.toContain('$0.00 CR');
  });

  it('names the invoice a credit note corrects and shows each line taken back', async () => {
    const text = await textOf(creditNote());
    expect(text).toContain('This credit note corrects invoice 9038075/01. It is an adjustment note for GST.');
    expect(text).toContain('$439.63 CR');
    expect(text).toContain('−210.500 kWh $0.4000 −$84.20');
    expect(text).toContain('Total credited −$439.63');
    expect(text).not.toContain('Tax invoice');
  });

  it('warns of estimates, and keeps quiet where everything was measured', async () => {
    expect(await textOf(severalSupplies())).toContain('Estimated: 3.2 % at 2001999999');
    expect(await textOf(sampleInvoice())).not.toContain('Estimated');
  });

  it('shows the days of a price that held for a part of the period, and what bears no tax', async () => {
    const text = await textOf(severalSupplies());
    expect(text).toContain('1 Oct to 14 Oct 2026');
    expect(text).toContain('Energy to the grid (no GST)');
    expect(text).toContain('1,204.5678 kWh −$0.0450 −$54.21');
    expect(text).toContain('No GST on −$54.21');
  });

  it('repeats the headings of a table that goes on, and numbers every page with account and invoice', async () => {
    const invoice = severalSupplies();
    const pages = Number(/Pages:\s+(\d+)/.exec(await poppler('pdfinfo', [], invoice))?.[1]);
    expect(pages).toBeGreaterThan(3);
    for (let page = 1; page <= pages; page++) {
      const text = await textOf(invoice, '-f', `${page}`, '-l', `${page}`);
      expect(text).toContain(`Account 9038075 · Invoice 9038075/01 Page ${page} of ${pages}`);
      if (/Energy step \d+/.test(text)) expect(text).toContain('Description When Quantity Unit price ex GST');
    }
  });

  it('leaves out what the seller has not told, in the words of the country', async () => {
    const text = await textOf(britishQuarter());
    for (const words of ['VAT invoice', 'MPAN 1200023305967', '£419.64', 'VAT 5 % of £399.66'])
      expect(text).toContain(words);
    for (const words of ['BPAY', 'Direct debit', 'Card', 'Interpreter', 'Relay', 'undefined', 'ABN', '$'])
      expect(text).not.toContain(words);
  });

  it.each(samples)('keeps every word of %s on the paper', async (_, sample) => {
    const words = await poppler('pdftotext', ['-bbox'], sample());
    const boxes = [...words.matchAll(/xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)"/g)];
    expect(boxes.length).toBeGreaterThan(50);
    // 15 mm of margin at the sides, less half a point for rounding.
    for (const [, xMin, yMin, xMax, yMax] of boxes) {
      expect(Number(xMin)).toBeGreaterThanOrEqual(42);
      expect(Number(xMax)).toBeLessThanOrEqual(595.28 - 42);
      expect(Number(yMin)).toBeGreaterThanOrEqual(0);
      expect(Number(yMax)).toBeLessThanOrEqual(842);
    }
  });

  it.each(samples)('prints no two lines of %s over each other', async (_, sample) => {
    const words = await poppler('pdftotext', ['-bbox'], sample());
    for (const page of words.split('<page ').slice(1)) {
      const boxes = [...page.matchAll(/xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</g)].map(
        box => ({
          word: box[5],
          // The box of a word is the font's, with air above and below; its ink is the middle of it.
          left: Number(box[1]) + 0.5,
          right: Number(box[3]) - 0.5,
          top: Number(box[2]) + (Number(box[4]) - Number(box[2])) * 0.25,
          bottom: Number(box[4]) - (Number(box[4]) - Number(box[2])) * 0.25,
        }),
      );
      const over = boxes.flatMap((a, index) =>
        boxes
          .slice(index + 1)
          .filter(b => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
          .map(b => `${a.word} / ${b.word}`),
      );
      expect(over).toEqual([]);
    }
  });

  it.each(samples)('embeds every font of %s, as a tagged PDF 1.7', async (_, sample) => {
    const fonts = (await poppler('pdffonts', [], sample())).trim().split('\n').slice(2);
    expect(fonts.length).toBeGreaterThan(0);
    for (const font of fonts) expect(font).toMatch(/\+Inter-\w+\s+CID TrueType\s+Identity-H\s+yes yes yes/);
    const facts = await poppler('pdfinfo', [], sample());
    expect(facts).toMatch(/Tagged:\s+yes/);
    expect(facts).toMatch(/PDF version:\s+1\.7/);
  });

  it('gives a screen reader headings, tables with headed columns, and words for the charts', async () => {
    const tree = await poppler('pdfinfo', ['-struct-text'], sampleInvoice());
    expect(tree).toMatch(/H1[^\n]*\n\s*"Tax invoice"/);
    expect(tree).toMatch(/Table[^\n]*\n\s*TR[^\n]*\n\s*TH/);
    expect(tree.match(/^\s*Figure/gm)).toHaveLength(2);
    const raw = (await invoicePdf(sampleInvoice())).toString('latin1');
    expect(raw).toContain('Bar chart of the energy used each day, 1 Oct to 31 Oct 2026.');
    expect(raw).toContain('/Scope /Column');
  });
});

describe('the file', () => {
  it.each(samples)('is the same twice for %s', async (_, sample) => {
    const [first, second] = [await invoicePdf(sample()), await invoicePdf(structuredClone(sample()))];
    expect(first.equals(second)).toBe(true);
  });

  it('is another one when one cent is', async () => {
    const other = sampleInvoice({ currentCharges: '439.64' });
    expect((await invoicePdf(other)).equals(await invoicePdf(sampleInvoice()))).toBe(false);
  });

  it('does not know the zone of the machine', async () => {
    const zone = process.env['TZ'];
    const files: Buffer[] = [];
    for (const TZ of ['UTC', 'Pacific/Auckland', 'America/St_Johns']) {
      process.env['TZ'] = TZ;
      files.push(await invoicePdf(sampleInvoice()));
    }
    process.env['TZ'] = zone;
    expect(files.every(file => file.equals(files[0]!))).toBe(true);
  });

  it.each(samples.slice(0, 6))('of %s stays small enough for any mailbox', async (_, sample) => {
    expect((await invoicePdf(sample())).length).toBeLessThan(150_000);
  });

  it('of an ordinary bill has two pages', async () => {
    expect((await invoicePdf(sampleInvoice())).toString('latin1')).toContain('/Count 2');
  });

  it('carries the dates of the invoice and says it is PDF/A-3b', async () => {
    const raw = (await invoicePdf(sampleInvoice())).toString('latin1');
    expect(raw).toContain('(D:20261106000000Z)');
    expect(raw).toContain('<xmp:CreateDate>2026-11-06T00:00:00Z</xmp:CreateDate>');
    expect(raw).toContain('<xmp:ModifyDate>2026-11-06T00:00:00Z</xmp:ModifyDate>');
    expect(raw).toContain('<pdfaid:part>3</pdfaid:part>');
  });

  it('leads to web pages and never runs a script', async () => {
    const seller = sampleSeller({ web: 'javascript:alert(1)' });
    seller.payment.cardUrl = 'javascript:alert(2)';
    expect((await invoicePdf(sampleInvoice({ seller }))).toString('latin1')).not.toContain('/URI (');
    expect((await invoicePdf(sampleInvoice())).toString('latin1')).toContain('/URI (https://wattlegrove.example/pay)');
  });

  it('comes out whatever people are called', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: 'grapheme' }),
        async (name, address) => {
          const account = { ...sampleInvoice().account, name, postalAddress: [address, name] };
          const pdf = await invoicePdf(sampleInvoice({ account, supplies: [sampleSupply({ address })] }));
          expect(pdf.subarray(0, 8).toString('latin1')).toBe('%PDF-1.7');
        },
      ),
      { numRuns: 15 },
    );
  });
});
