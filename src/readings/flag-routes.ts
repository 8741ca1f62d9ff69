import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { strictQuery } from '../http/schemas.ts';
import { periodInQuery } from '../http/time-in-query.ts';
import { formatKwh } from '../units/energy.ts';
import { formatUtc, instant, type Zone } from '../units/time.ts';
import type { KnownReadings } from './as-known.ts';
import { asKnownAt, knownAtIn, knownReadings } from './known-at.ts';
import type { ListedFlag, ReadingFlagStore } from './reading-flag-store.ts';
import type { ReadingIndex } from './reading-index.ts';
import { flagRules } from './rules.ts';

export interface FlagRouteDeps {
  meterPoints: MeterPointStore;
  index: ReadingIndex;
  flags: ReadingFlagStore;
  zone: Zone;
}

const pageMax = 1000;

const entry = z
  .object({
    id: z.int(),
    rule: z.enum(flagRules),
    meterPoint: z.string(),
    kind: z.enum(['register', 'channel']),
    code: z.string(),
    at: z.string(),
    value: z.string(),
    flaggedAt: z.string(),
    current: z.boolean().meta({ description: 'false when another value stands there by now, or stood there then' }),
  })
  .meta({ id: 'ReadingFlag' });

/** GET /v1/readings/flags. */
export function registerFlagRoutes(root: FastifyInstance, deps: FlagRouteDeps, guard: Guard): void {
  root.withTypeProvider<ZodTypeProvider>().get('/v1/readings/flags', {
    schema: {
      tags: ['readings'],
      summary: 'Readings that were kept although a rule noticed something',
      description:
        'In the order they were noted; go on with after=ID of the last one. With as_known_at those that had been noted then.',
      querystring: strictQuery({
        rule: z.enum(flagRules).optional(),
        meterPoint: z.string().max(40).optional(),
        from: z.string().optional().meta({ example: '2026-11-01T00:00:00Z' }),
        to: z.string().optional().meta({ example: '2026-12-01T00:00:00Z' }),
        as_known_at: asKnownAt,
        after: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(pageMax).default(100),
      }),
      response: { 200: z.object({ data: z.array(entry) }) },
    },
    onRequest: guard.needsScope('readings:read'),
    handler: async request => {
      const { rule, meterPoint: identifier, from, to, as_known_at, after, limit } = request.query;
      const meterPoint = identifier === undefined ? undefined : deps.meterPoints.get(identifier);
      const zone = meterPoint?.zone ?? deps.zone;
      const knownAt = knownAtIn(as_known_at, zone);
      const found = deps.flags.list({
        ...(rule && { rule }),
        ...(meterPoint && { meterPointId: meterPoint.id }),
        ...periodInQuery({ from, to }, zone),
        ...(knownAt !== undefined && { notedBy: knownAt }),
        after,
        limit,
      });
      const known = knownReadings(deps.index, knownAt);
      return { data: found.map(flag => showFlag(flag, deps, known)) };
    },
  });
}

function showFlag(
  { id, rule, meterPointId, seriesId, at, value, flaggedAt }: ListedFlag,
  deps: FlagRouteDeps,
  known: KnownReadings,
) {
  const series = deps.meterPoints.listSeries(meterPointId).find(each => each.id === seriesId)!;
  return {
    ...{
      id,
      rule,
      meterPoint: deps.meterPoints.getById(meterPointId).identifier,
      kind: series.kind,
      code: series.code,
    },
    at: formatUtc(at),
    value: formatKwh(value),
    flaggedAt: formatUtc(instant(flaggedAt)),
    current: known.list(seriesId, at, instant(at + 1))[0]?.value === value,
  };
}
