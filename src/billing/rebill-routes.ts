import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Access } from '../access/access.ts';
import { callerOf, type Guard } from '../access/guard.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import { strictQuery } from '../http/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import { AsKnown, type KnownReadings } from '../readings/as-known.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import { formatKwh, type MicroKwh, microKwh } from '../units/energy.ts';
import { formatLocal, formatUtc, instant, instantOfMs } from '../units/time.ts';
import type { InvoiceStore } from './invoice-store.ts';
import type { RebillCandidate, RebillCandidateStore } from './rebill-candidate-store.ts';

export interface RebillDeps {
  rebillCandidates: RebillCandidateStore;
  invoices: Pick<InvoiceStore, 'get'>;
  meterPoints: MeterPointStore;
  index: ReadingIndex;
  access: Access;
  clock: Clock;
}

const energyChange = z.object({
  code: z.string(),
  billed: z.string().meta({ description: 'kWh in the span as it was known when the invoice was issued' }),
  now: z.string(),
  difference: z.string(),
});
const candidate = z
  .object({
    id: z.int(),
    meterPoint: z.string(),
    invoice: z.string(),
    from: z.string().meta({ description: 'First interval or reading that changed' }),
    to: z.string().meta({ description: 'The last one' }),
    why: z.array(z.enum(['late', 'changed', 'gone'])),
    channels: z.array(energyChange),
    raisedAt: z.string(),
    correction: z.string().meta({ description: 'Where the preview of the correction is' }),
    dismissed: z.object({ at: z.string(), by: z.string(), reason: z.string() }).optional(),
  })
  .meta({ id: 'RebillCandidate' });

/** GET /v1/rebill-candidates and POST /v1/rebill-candidates/:id/dismiss. */
export function registerRebillRoutes(root: FastifyInstance, deps: RebillDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();

  app.get('/v1/rebill-candidates', {
    schema: {
      tags: ['billing'],
      summary: 'Issued invoices whose readings changed since, the newest first',
      querystring: strictQuery({
        open: z.enum(['true', 'false']).default('true').meta({ description: 'false: those that were dismissed' }),
        limit: z.coerce.number().int().min(1).max(100).default(50),
        offset: z.coerce.number().int().min(0).default(0),
      }),
      response: { 200: z.object({ data: z.array(candidate), total: z.int() }) },
    },
    onRequest: guard.needsScope('bills:read'),
    handler: async ({ query: { open, limit, offset } }) => ({
      data: deps.rebillCandidates.list({ open: open === 'true', limit, offset }).map(each => showCandidate(deps, each)),
      total: deps.rebillCandidates.count(open === 'true'),
    }),
  });

  app.post('/v1/rebill-candidates/:id/dismiss', {
    schema: {
      tags: ['billing'],
      summary: 'Leave an invoice as it is; a later change raises it again',
      params: z.object({ id: z.coerce.number().int() }),
      body: z.strictObject({ reason: z.string().min(1).max(500) }),
      response: { 200: z.object({ id: z.int(), dismissed: z.literal(true) }) },
    },
    onRequest: guard.needsScope('bills:write'),
    handler: async request => {
      const { id } = request.params;
      dismissRebill(deps, id, request.body.reason, callerOf(request));
      return { id, dismissed: true as const };
    },
  });
}

/** Dismisses a candidate and writes who did it into the audit trail. */
export function dismissRebill(
  { rebillCandidates, access, clock }: Pick<RebillDeps, 'rebillCandidates' | 'access' | 'clock'>,
  id: number,
  reason: string,
  who: string,
): void {
  const at = instantOfMs(clock.now());
  rebillCandidates.dismiss(id, who, reason, at);
  access.audit.record({ at, who, action: 'rebill.dismiss', subject: `rebill:${id}`, detail: { reason } });
}

/** Energy of the meter point's channels in the span of a candidate, when the invoice was issued and now; those that differ. */
export function energyChanges(
  { meterPoints, index, invoices }: Pick<RebillDeps, 'meterPoints' | 'index' | 'invoices'>,
  { meterPointId, invoice, from, to }: RebillCandidate,
): { code: string; billed: MicroKwh; now: MicroKwh }[] {
  const then = new AsKnown(index, instant(invoices.get(invoice).issuedAt));
  return meterPoints
    .listSeries(meterPointId)
    .filter(({ kind }) => kind === 'channel')
    .map(({ id, code }) => ({ code, billed: sumOf(then, id), now: sumOf(index, id) }))
    .filter(({ billed, now }) => billed !== now);

  function sumOf(readings: KnownReadings, seriesId: number): MicroKwh {
    let sum = 0;
    readings.forEach(seriesId, from, instant(to + 1), (_at, value) => {
      if (!Number.isNaN(value)) sum += value;
    });
    return microKwh(sum);
  }
}

function showCandidate(deps: RebillDeps, each: RebillCandidate) {
  const { id, meterPoint, meterPointId, invoice, from, to, raisedAt, dismissedAt, dismissedBy, reason } = each;
  const { zone } = deps.meterPoints.getById(meterPointId);
  return {
    ...{ id, meterPoint, invoice },
    ...{ from: formatLocal(from, zone), to: formatLocal(to, zone) },
    why: whyOf(each),
    channels: energyChanges(deps, each).map(({ code, billed, now }) => ({
      code,
      ...{ billed: formatKwh(billed), now: formatKwh(now), difference: formatKwh(microKwh(now - billed)) },
    })),
    raisedAt: formatUtc(instant(raisedAt)),
    correction: `/v1/invoices/${encodeURIComponent(invoice)}/correction`,
    ...(dismissedAt !== null && {
      dismissed: { at: formatUtc(instant(dismissedAt)), by: dismissedBy ?? '', reason: reason ?? '' },
    }),
  };
}

/** Why the invoice may be wrong, in the words of the API. */
export function whyOf({ late, changed, gone }: RebillCandidate): ('late' | 'changed' | 'gone')[] {
  return [
    ...(late ? ['late' as const] : []),
    ...(changed ? ['changed' as const] : []),
    ...(gone ? ['gone' as const] : []),
  ];
}
