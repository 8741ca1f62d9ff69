import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import { month } from '../http/schemas.ts';
import { billMonth } from './bill-month.ts';
import type { BillRunDeps } from './bill-run.ts';
import { invoiceFile, invoiceFileName } from './invoice-file.ts';
import type { IssueDeps } from './issue-invoices.ts';
import { previewCorrection } from './preview-correction.ts';

const number = z.object({ number: z.string().meta({ example: '2026-000001' }) });
const runInput = z.strictObject({
  month: month.meta({ example: '2026-10' }),
  account: z.string().max(40).optional().meta({ description: 'One account only' }),
  check: z.boolean().default(false).meta({
    description: 'true: every bill is rated a second time, minute by minute; where the two differ it is parked',
  }),
});
const runAnswer = z.object({
  month: z.string(),
  bills: z.array(
    z.object({
      account: z.string(),
      verdict: z.enum(['issued', 'parked', 'already-billed', 'nothing-supplied']),
      number: z.string().optional(),
      totalDue: z.string().optional(),
      problems: z.array(z.string()).optional(),
    }),
  ),
});

/** Bill runs and issued invoices. */
export function registerBillingRoutes(root: FastifyInstance, deps: BillRunDeps & IssueDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();

  app.post('/v1/bill-runs', {
    schema: {
      tags: ['billing'],
      summary: 'Bill a month: draft, issue, write the PDF, put the mail into the outbox',
      description:
        'An account whose bill cannot be right (a missing interval, no plan in force) is parked with the reason. Repeating a run bills nothing twice.',
      body: runInput,
      response: { 200: runAnswer },
    },
    onRequest: guard.needsScope('bills:write'),
    handler: ({ body: { month, account, check } }) =>
      billMonth(deps, month, { accounts: account === undefined ? undefined : [account], check }),
  });

  app.get('/v1/invoices/:number', {
    schema: {
      tags: ['billing'],
      summary: 'An issued invoice, as it was issued',
      params: number,
      response: { 200: z.looseObject({ number: z.string() }).meta({ id: 'Invoice' }) },
    },
    serializerCompiler: () => JSON.stringify,
    onRequest: guard.needsScope('bills:read'),
    handler: async ({ params }) => ({ ...deps.invoices.get(params.number).document }),
  });

  app.get('/v1/invoices/:number/correction', {
    schema: {
      tags: ['billing'],
      summary: 'What would be corrected on an invoice if its days were billed today; nothing is written',
      params: number,
      response: {
        200: z.object({
          invoice: z.string(),
          lines: z.array(z.looseObject({ role: z.enum(['reversed', 'billed-anew']), amount: z.string() })),
          difference: z.string(),
          undercharge: z
            .object({ recoverable: z.string(), writtenOff: z.string(), instalments: z.array(z.string()) })
            .nullable(),
          creditNote: z.object({ net: z.string(), tax: z.string(), total: z.string() }),
        }),
      },
    },
    onRequest: guard.needsScope('bills:read'),
    handler: async ({ params }) => {
      const { lines, ...preview } = previewCorrection(deps, params.number);
      return { ...preview, lines: lines.map(line => ({ ...line })) };
    },
  });

  app.get('/v1/invoices/:number/pdf', {
    schema: {
      tags: ['billing'],
      summary: 'The PDF of an invoice',
      params: number,
      produces: ['application/pdf'],
      response: { 200: z.instanceof(Buffer).meta({ type: 'string', format: 'binary' }) },
    },
    onRequest: guard.needsScope('bills:read'),
    handler: async ({ params }, reply) => {
      const { document } = deps.invoices.get(params.number);
      const pdf = await invoiceFile(deps, document);
      return reply
        .type('application/pdf')
        .header('content-disposition', `inline; filename="${invoiceFileName(document.number)}"`)
        .send(pdf);
    },
  });
}
