import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import type { BillRunDeps } from './bill-run.ts';
import { traceLine } from './trace-line.ts';

const params = z.object({
  number: z.string().meta({ example: '2026-000001' }),
  line: z.coerce.number().int().min(1).max(100_000).meta({ example: 1 }),
});

/** Why a number is what it is. */
export function registerTraceRoutes(root: FastifyInstance, deps: BillRunDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  app.get('/v1/invoices/:number/lines/:line/trace', {
    schema: {
      tags: ['billing'],
      summary: 'Why a line of an invoice says what it says',
      description:
        'Its plan version and windows, its days, its intervals with their quality, and the arithmetic in words; computed again from the plan version of the invoice and the readings of now, and whether that gives the same cents.',
      params,
      response: { 200: z.looseObject({ words: z.array(z.string()) }).meta({ id: 'LineTrace' }) },
    },
    serializerCompiler: () => JSON.stringify,
    onRequest: guard.needsScope('bills:read'),
    handler: async ({ params: { number, line } }) => ({ ...traceLine(deps, number, line) }),
  });
}
