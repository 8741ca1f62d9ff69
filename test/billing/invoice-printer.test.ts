import { expect, it } from 'vitest';
import { invoicePdf } from '../../src/billing/invoice-pdf.ts';
import { InvoicePrinter } from '../../src/billing/invoice-printer.ts';
import { sampleInvoice } from './sample-invoice.ts';

const invoice = sampleInvoice();

it('prints on its thread what the page would print here, byte for byte', async () => {
  const printer = new InvoicePrinter();
  const other = { ...invoice, number: `${invoice.number}-2` };
  const [first, second] = await Promise.all([printer.print(invoice), printer.print(other)]);
  expect(first).toEqual(await invoicePdf(invoice));
  expect(second).toEqual(await invoicePdf(other));
  await printer.close();
});

it('says of one invoice why it cannot be printed, and prints the next', async () => {
  const printer = new InvoicePrinter();
  const broken = { ...invoice, supplies: undefined as unknown as typeof invoice.supplies };
  await expect(printer.print(broken)).rejects.toThrow();
  expect((await printer.print(invoice)).subarray(0, 5).toString()).toBe('%PDF-');
  await printer.close();
});

it('closes when those who wait have their paper, and at once when it never printed', async () => {
  const printer = new InvoicePrinter();
  const printing = printer.print(invoice);
  await printer.close();
  expect((await printing).length).toBeGreaterThan(1000);
  await new InvoicePrinter().close();
});
