import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Access } from '../access/access.ts';
import { callerOf, type Guard } from '../access/guard.ts';
import { strictQuery } from '../http/schemas.ts';
import { formatKwh } from '../units/energy.ts';
import { formatUtc, instant, instantOfMs, type Zone } from '../units/time.ts';
import {
  type Conflict,
  type ConflictDeps,
  conflictDecisions,
  type Decision,
  decideConflict,
  listConflicts,
} from './conflicts.ts';
import { asKnownAt, knownAtIn } from './known-at.ts';
import type { Reading } from './reading.ts';
import type { SourceStore } from './source-store.ts';

export interface ConflictRouteDeps extends ConflictDeps {
  access: Access;
  sources: SourceStore;
  zone: Zone;
}

const shownReading = z.object({
  at: z.string(),
  value: z.string().nullable().meta({ description: 'kWh: of a register its value, of an interval its energy' }),
  minutes: z.number(),
  quality: z.string(),
  versionAt: z.string().optional(),
  source: z.object({ kind: z.string(), reference: z.string(), line: z.int().optional() }).optional(),
});
const conflict = z
  .object({
    id: z.string(),
    meterPoint: z.string(),
    kind: z.enum(['register', 'channel']),
    code: z.string(),
    receivedAt: z.string(),
    reading: shownReading,
    current: z.array(shownReading).meta({ description: 'What is current: several where intervals are shorter' }),
  })
  .meta({ id: 'Conflict' });

/** GET /v1/conflicts and POST /v1/conflicts/:id/decide. */
export function registerConflictRoutes(root: FastifyInstance, deps: ConflictRouteDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();

  app.get('/v1/conflicts', {
    schema: {
      tags: ['readings'],
      summary: 'Readings that contradict a current one and wait for a decision, the newest first',
      description:
        'With as_known_at those that waited then, beside what was current then, be they decided or settled since. A page may be empty and name a next one; what came since the last flush stands on the first page, above its limit.',
      querystring: strictQuery({
        meter_point: z.string().max(100).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
        as_known_at: asKnownAt,
        before: z.coerce.number().int().min(1).optional().meta({ description: 'The next of the page before' }),
      }),
      response: { 200: z.object({ data: z.array(conflict), next: z.int().optional() }) },
    },
    onRequest: guard.needsScope('readings:read'),
    handler: async ({ query }) => {
      const meterPoint = query.meter_point === undefined ? undefined : deps.meterPoints.get(query.meter_point);
      const knownAt = knownAtIn(query.as_known_at, meterPoint?.zone ?? deps.zone);
      const { conflicts, next } = listConflicts(deps, { ...query, meterPoint, knownAt });
      return { data: conflicts.map(each => showConflict(deps, each)), ...(next !== undefined && { next }) };
    },
  });

  app.post('/v1/conflicts/:id/decide', {
    schema: {
      tags: ['readings'],
      summary: 'Decide a conflict: keep the current reading, or take the other one',
      description: 'The same decision again changes nothing. Both readings stay in the history.',
      params: z.object({ id: z.string().max(120) }),
      body: z.strictObject({
        decision: z.enum(conflictDecisions),
        reason: z.string().max(500).default('').meta({ description: 'For the audit trail' }),
      }),
      response: { 200: z.object({ id: z.string(), decision: z.string(), current: shownReading.nullable() }) },
    },
    onRequest: guard.needsScope('readings:write'),
    handler: async request => {
      const { id } = request.params;
      const { decision, reason } = request.body;
      const current = await decideRecorded(deps, { id, decision, reason, who: callerOf(request) });
      return { id, decision, current: current ? showReading(deps, current) : null };
    },
  });
}

/** Decides a conflict and writes who did it into the audit trail. */
export async function decideRecorded(
  deps: ConflictDeps & { access: Access },
  { id, decision, reason, who }: { id: string; decision: Decision; reason: string; who: string },
): Promise<Reading | undefined> {
  const current = await decideConflict(deps, id, decision);
  const detail = { decision, ...(reason && { reason }) };
  const at = instantOfMs(deps.clock.now());
  deps.access.audit.record({ at, who, action: 'conflict.decide', subject: `conflict:${id}`, detail });
  return current;
}

function showConflict(deps: ConflictRouteDeps, { id, meterPoint, series, reading, receivedAt, current }: Conflict) {
  return {
    id,
    meterPoint: meterPoint.identifier,
    kind: series.kind,
    code: series.code,
    receivedAt: formatUtc(instant(receivedAt)),
    reading: showReading(deps, reading),
    current: current.map(each => showReading(deps, each)),
  };
}

function showReading({ sources }: { sources: SourceStore }, reading: Reading) {
  const { at, value, minutes, quality, versionAt, line } = reading;
  const source = sources.find(reading.source);
  return {
    at: formatUtc(at),
    value: Number.isNaN(value) ? null : formatKwh(value),
    minutes,
    quality,
    ...(versionAt > 0 && { versionAt: formatUtc(instant(versionAt)) }),
    ...(source && {
      source: { kind: source.kind, reference: source.reference, ...(line > 0 && { line }) },
    }),
  };
}
