import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import type { MeterPoint } from '../accounts/meter-point.ts';
import { strictQuery } from '../http/schemas.ts';
import { timeInQuery } from '../http/time-in-query.ts';
import type { Clock } from '../kernel/clock.ts';
import { csvLine } from '../kernel/csv.ts';
import { Refusal } from '../kernel/errors.ts';
import { asKnownAt, knownAtIn } from '../readings/known-at.ts';
import { formatLocal, type Instant, instantOfMs, secondsPerDay } from '../units/time.ts';
import { findGaps, type GapDeps, type MeterPointGaps } from './gaps.ts';

export interface GapRouteDeps extends GapDeps {
  clock: Clock;
}

// Nobody reads more; the sums beside them are of all.
const shownMax = 5000;
const daysMax = 3660;

const query = {
  from: z.string().optional().meta({ example: '2026-11-01T00:00:00' }),
  to: z.string().optional().meta({ example: '2026-12-01T00:00:00' }),
  as_known_at: asKnownAt,
};
const gap = z.object({ from: z.string(), to: z.string(), intervals: z.int(), why: z.enum(['absent', 'missing']) });
const answer = z
  .object({
    meterPoint: z.string(),
    zone: z.string(),
    from: z.string(),
    to: z.string(),
    neverDelivered: z.array(z.string()).meta({ description: 'Named by the sender or registered, without any reading' }),
    data: z.array(
      z.object({
        kind: z.string(),
        code: z.string(),
        intervalMinutes: z.number(),
        expected: z.int().meta({ description: 'Intervals; 0 for a register, of which nothing is expected' }),
        received: z.int(),
        estimated: z.int().meta({ description: 'Of those received, estimated, substituted or deemed' }),
        ahead: z.int().meta({ description: 'Estimates of intervals that are yet to come' }),
        gaps: z.array(gap).meta({ description: `The first ${shownMax}` }),
        days: z.array(z.object({ day: z.string(), expected: z.int(), received: z.int() })),
      }),
    ),
  })
  .meta({ id: 'Gaps' });

/** GET /v1/meter-points/:id/gaps, and the same as CSV. */
export function registerGapRoutes(root: FastifyInstance, deps: GapRouteDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  const params = z.object({ id: z.string() });

  app.get('/v1/meter-points/:id/gaps', {
    schema: {
      tags: ['readings'],
      summary: 'What is missing: each channel held against its grid, and channels that never came',
      description:
        'Half-open [from, to), up to now; without them from the first reading to the last. absent: nobody said anything; missing: the sender says there is no value. A local day when the clocks change has 46 or 50 half-hours.',
      params,
      querystring: strictQuery(query),
      response: { 200: answer },
    },
    onRequest: guard.needsScope('readings:read'),
    handler: async request => {
      const { meterPoint, found } = await gapsAsked(deps, request.params.id, request.query);
      const moment = (at: Instant) => formatLocal(at, meterPoint.zone);
      return {
        meterPoint: meterPoint.identifier,
        zone: meterPoint.zone,
        from: moment(found.from),
        to: moment(found.to),
        neverDelivered: found.neverDelivered,
        data: found.series.map(({ series, intervalMinutes, expected, received, estimated, ahead, gaps, days }) => ({
          ...{ kind: series.kind, code: series.code, intervalMinutes },
          ...{ expected, received, estimated, ahead },
          gaps: gaps.slice(0, shownMax).map(each => ({ ...each, from: moment(each.from), to: moment(each.to) })),
          days: days().slice(0, shownMax),
        })),
      };
    },
  });

  app.get('/v1/meter-points/:id/gaps.csv', {
    schema: {
      tags: ['readings'],
      summary: 'The same as CSV, a line for each gap',
      params,
      querystring: strictQuery(query),
      produces: ['text/csv'],
      response: { 200: z.any().meta({ type: 'string' }) },
    },
    serializerCompiler: () => String,
    onRequest: guard.needsScope('readings:read'),
    handler: async (request, reply) => {
      const { meterPoint, found } = await gapsAsked(deps, request.params.id, request.query);
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="gaps.csv"')
        .send(gapLines(meterPoint, found).map(csvLine).join(''));
    },
  });
}

/** Lines of a CSV file, the first one its head. */
export function gapLines({ identifier, zone }: MeterPoint, { series, neverDelivered }: MeterPointGaps): string[][] {
  const lines = series.flatMap(({ series: { code }, gaps }) =>
    gaps.map(({ from, to, intervals, why }) => [
      ...[identifier, code, formatLocal(from, zone), formatLocal(to, zone)],
      ...[String(intervals), why],
    ]),
  );
  const never = neverDelivered.map(code => [identifier, code, '', '', '', 'never delivered']);
  return [['meter point', 'code', 'from', 'to', 'intervals', 'why'], ...lines, ...never];
}

async function gapsAsked(
  deps: GapRouteDeps,
  id: string,
  { from, to, as_known_at }: { from?: string | undefined; to?: string | undefined; as_known_at?: string | undefined },
) {
  const meterPoint = deps.meterPoints.get(id);
  const { zone } = meterPoint;
  const bounds = { from: timeInQuery('from', from, zone), to: timeInQuery('to', to, zone) };
  if (bounds.from !== undefined && bounds.to !== undefined) {
    const days = (bounds.to - bounds.from) / secondsPerDay;
    if (days <= 0 || days > daysMax) {
      const message = days <= 0 ? 'to must be after from' : `at most ${daysMax} days are looked at once`;
      throw new Refusal('period-invalid', message, [{ pointer: 'to', message }]);
    }
  }
  const now = instantOfMs(deps.clock.now());
  const knownAt = knownAtIn(as_known_at, zone);
  // What was not over then was no gap.
  const until = knownAt !== undefined && knownAt < now ? knownAt : now;
  return { meterPoint, found: await findGaps(deps, meterPoint, { ...bounds, knownAt }, until) };
}
