import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomicParts } from '../kernel/files.ts';
import type { InvoiceDocument } from './invoice.ts';

export interface InvoiceFileDeps {
  /** data/invoices of the home folder. */
  invoiceFolder: string;
  /** Pure: the same snapshot gives the same bytes. */
  renderPdf: (invoice: InvoiceDocument) => Promise<Buffer>;
}

/** Prints an invoice into its folder, whole or not at all; resolves with the bytes when they are on disk. */
export async function writeInvoiceFile({ invoiceFolder, renderPdf }: InvoiceFileDeps, invoice: InvoiceDocument) {
  const pdf = await renderPdf(invoice);
  await writeAtomicParts(join(invoiceFolder, invoiceFileName(invoice.number)), [pdf]);
  return pdf;
}

/** The PDF of an issued invoice; made again from the snapshot when the file is not there. */
export async function invoiceFile(deps: InvoiceFileDeps, invoice: InvoiceDocument): Promise<Buffer> {
  const path = join(deps.invoiceFolder, invoiceFileName(invoice.number));
  return existsSync(path) ? readFileSync(path) : writeInvoiceFile(deps, invoice);
}

/**
 * "9038075+01.pdf" for 9038075/01. A name that stays inside its folder, and never the same for two numbers: everything unusual is
 * percent-encoded, "+" included, before "/" becomes one.
 */
export function invoiceFileName(number: string): string {
  return `${encodeURIComponent(number).replaceAll('%2F', '+')}.pdf`;
}
