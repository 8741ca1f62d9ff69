import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import type { MeterPoint } from '../accounts/meter-point.ts';
import { strictQuery } from '../http/schemas.ts';
import { periodInQuery } from '../http/time-in-query.ts';
import { csvLine } from '../kernel/csv.ts';
import { asKnownAt, knownAtIn } from '../readings/known-at.ts';
import { formatKwh, type MicroKwh } from '../units/energy.ts';
import { formatLocal } from '../units/time.ts';
import { findDuplicates } from './find-duplicates.ts';
import { type ReconcileDeps, type ReconciledSeries, reconcile, type Said } from './reconcile.ts';

const source = z
  .string()
  .max(220)
  .meta({ example: 'import:12', description: 'import:RUN, key:NAME, user:NAME or current' });
const query = { a: source, b: source, from: z.string().optional(), to: z.string().optional(), as_known_at: asKnownAt };
const amount = z.string().nullable();
const said = z.object({ value: z.string(), quality: z.string() }).nullable();
// Nobody reads more; the counts beside them are of all.
const differencesMax = 1000;
const answer = z
  .object({
    meterPoint: z.string(),
    a: z.string(),
    b: z.string(),
    data: z.array(
      z.object({
        kind: z.string(),
        code: z.string(),
        days: z.array(
          z.object({
            day: z.string(),
            sumA: amount.meta({ description: 'kWh of a channel; null for a register' }),
            sumB: amount,
            same: z.int(),
            differing: z.int(),
            onlyA: z.int(),
            onlyB: z.int(),
            largest: z.object({ at: z.string(), difference: z.string() }).nullable(),
          }),
        ),
        differences: z
          .array(z.object({ at: z.string(), a: said, b: said }))
          .meta({ description: `Where they say different values or only one says any: the first ${differencesMax}` }),
      }),
    ),
  })
  .meta({ id: 'Reconciliation' });

/** GET /v1/meter-points/:id/reconcile, the same as CSV, and GET /v1/imports/:id/duplicates. */
export function registerReconcileRoutes(root: FastifyInstance, deps: ReconcileDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  const params = z.object({ id: z.string() });
  const asked = async (id: string, { a, b, from, to, as_known_at }: z.output<z.ZodObject<typeof query>>) => {
    const meterPoint = deps.meterPoints.get(id);
    const bounds = periodInQuery({ from, to }, meterPoint.zone);
    const knownAt = knownAtIn(as_known_at, meterPoint.zone);
    return { meterPoint, found: await reconcile(deps, meterPoint, { a, b, ...bounds, knownAt, differencesMax }) };
  };

  app.get('/v1/meter-points/:id/reconcile', {
    schema: {
      tags: ['readings'],
      summary: 'Two sources of a meter point held against each other, day by day',
      description:
        'What an import says is read from its file once more, so that readings which were known already count as well; of a key it is what was kept. With as_known_at, current and keys are what they were then, and an import that was handed in later is unknown.',
      params,
      querystring: strictQuery(query),
      response: { 200: answer },
    },
    onRequest: guard.needsScope('readings:read'),
    handler: async ({ params: { id }, query: wanted }) => {
      const { meterPoint, found } = await asked(id, wanted);
      const data = found.map(({ series, days, differences }) => ({
        ...{ kind: series.kind, code: series.code },
        days: days.map(({ sumA, sumB, largest, ...day }) => ({
          ...day,
          ...{ sumA: decimal(sumA), sumB: decimal(sumB) },
          largest: largest
            ? { at: formatLocal(largest.at, meterPoint.zone), difference: formatKwh(largest.difference) }
            : null,
        })),
        differences: differences.map(each => ({
          at: formatLocal(each.at, meterPoint.zone),
          ...{ a: shownSaid(each.a), b: shownSaid(each.b) },
        })),
      }));
      return { meterPoint: meterPoint.identifier, a: wanted.a, b: wanted.b, data };
    },
  });

  app.get('/v1/meter-points/:id/reconcile.csv', {
    schema: {
      tags: ['readings'],
      summary: 'The same as CSV, a line for each day',
      params,
      querystring: strictQuery(query),
      produces: ['text/csv'],
      response: { 200: z.any().meta({ type: 'string' }) },
    },
    serializerCompiler: () => String,
    onRequest: guard.needsScope('readings:read'),
    handler: async ({ params: { id }, query: wanted }, reply) => {
      const { meterPoint, found } = await asked(id, wanted);
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="reconcile.csv"')
        .send(reconcileCsv(meterPoint, found));
    },
  });

  app.get('/v1/imports/:id/duplicates', {
    schema: {
      tags: ['imports'],
      summary: 'Which other imports and keys brought the same readings, and how many',
      description: 'By whom the readings are that are current, or were at as_known_at.',
      params: z.object({ id: z.coerce.number().int() }),
      querystring: strictQuery({ as_known_at: asKnownAt }),
      response: { 200: z.object({ data: z.array(z.object({ source: z.string(), readings: z.int() })) }) },
    },
    onRequest: guard.needsScope('imports:read'),
    handler: async ({ params: { id }, query: { as_known_at } }) => ({
      data: await findDuplicates(deps, id, knownAtIn(as_known_at, deps.zone)),
    }),
  });
}

function reconcileCsv({ identifier, zone }: MeterPoint, found: ReconciledSeries[]): string {
  const head = [
    'meter point',
    'code',
    'day',
    'sum a',
    'sum b',
    'same',
    'differing',
    'only a',
    'only b',
    'largest difference',
    'at',
  ];
  const lines = found.flatMap(({ series, days }) =>
    days.map(({ day, sumA, sumB, same, differing, onlyA, onlyB, largest }) => [
      ...[identifier, series.code, day, decimal(sumA) ?? '', decimal(sumB) ?? ''],
      ...[same, differing, onlyA, onlyB],
      ...(largest ? [formatKwh(largest.difference), formatLocal(largest.at, zone)] : ['', '']),
    ]),
  );
  return [head, ...lines].map(line => csvLine(line)).join('');
}

function shownSaid(said: Said | undefined) {
  return said ? { value: formatKwh(said.value), quality: said.quality } : null;
}

function decimal(energy: MicroKwh | undefined): string | null {
  return energy === undefined ? null : formatKwh(energy);
}
