import { parentPort } from 'node:worker_threads';
import { assert } from '../kernel/assert.ts';
import { invoicePdf } from './invoice-pdf.ts';
import type { Printed, PrintOrder } from './invoice-printer.ts';

// The thread of invoice-printer.ts: an invoice comes, its PDF or the error goes.
assert(parentPort, 'this file is started as a thread');
const port = parentPort;
port.on('message', async ({ id, invoice }: PrintOrder) => {
  port.postMessage(await printed(id, invoice));
});

async function printed(id: number, invoice: PrintOrder['invoice']): Promise<Printed> {
  try {
    return { id, pdf: await invoicePdf(invoice) };
  } catch (error) {
    return { id, error };
  }
}
