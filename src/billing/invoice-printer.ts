import { Worker } from 'node:worker_threads';
import type { InvoiceDocument } from './invoice.ts';

/** What the thread is asked, and what it answers. */
export interface PrintOrder {
  id: number;
  invoice: InvoiceDocument;
}
export type Printed = { id: number } & ({ pdf: Uint8Array } | { error: unknown });

interface Waiting {
  promise: Promise<Buffer>;
  resolve: (pdf: Buffer) => void;
  reject: (error: unknown) => void;
}

/**
 * Prints invoices on a thread of its own: a page is ten milliseconds of layout, in which no meter would be answered. The thread starts with
 * the first invoice and keeps no process alive; when it fails, those who wait are told, and the next invoice starts another.
 */
export class InvoicePrinter {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  /** Same document, same bytes. */
  print = async (invoice: InvoiceDocument): Promise<Buffer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#worker ??= this.#start();
    const order: PrintOrder = { id: ++this.#lastId, invoice };
    this.#worker.postMessage(order);
    this.#worker.ref();
    this.#waiting.set(order.id, { promise, resolve, reject });
    return promise;
  };

  /** Ends the thread once nobody waits. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#waiting.values()].map(({ promise }) => promise));
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./invoice-printer-thread.ts', import.meta.url));
    worker.on('message', (printed: Printed) => {
      const waiting = this.#waiting.get(printed.id);
      this.#waiting.delete(printed.id);
      if (this.#waiting.size === 0) worker.unref();
      if ('pdf' in printed)
        waiting?.resolve(Buffer.from(printed.pdf.buffer, printed.pdf.byteOffset, printed.pdf.length));
      else waiting?.reject(printed.error);
    });
    worker.on('error', error => this.#fail(error));
    return worker;
  }

  #fail(error: unknown): void {
    this.#worker = undefined;
    const left = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of left) reject(error);
  }
}
