import type { FastifyInstance } from 'fastify';
import type { Guard } from '../access/guard.ts';
import { invoiceFile, invoiceFileName } from '../billing/invoice-file.ts';
import type { AdminDeps } from './page.ts';

/** GET /admin/invoices/NUMBER/pdf: the same file the customer got, shown in the browser. */
export function registerInvoicePdf(app: FastifyInstance, deps: AdminDeps, guard: Guard): void {
  app.get<{ Params: { number: string } }>(
    '/admin/invoices/:number/pdf',
    { schema: { hide: true }, onRequest: guard.needsUser('viewer') },
    async (request, reply) => {
      const { document } = deps.invoices.get(request.params.number);
      const pdf = await invoiceFile(deps, document);
      return reply
        .type('application/pdf')
        .header(
          'content-disposition',
          `inline; filename*=UTF-8''${encodeURIComponent(invoiceFileName(document.number))}`,
        )
        .header('cache-control', 'no-store')
        .send(pdf);
    },
  );
}
