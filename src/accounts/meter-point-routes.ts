import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf, type Guard } from '../access/guard.ts';
import { strictQuery } from '../http/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { formatUtc, instant, instantOfMs, parseZone, type Zone } from '../units/time.ts';
import { identifier, listed, listPage, meterPointChange, newPremises } from './account-fields.ts';
import {
  type ChangeMeterPointDeps,
  changeIntervals,
  changeMeterPoint,
  registerMeterPoint,
} from './change-meter-point.ts';
import { flows, type MeterPoint, type Series, seriesKinds } from './meter-point.ts';
import { showRegisterMap } from './register-map-routes.ts';

export interface MeterPointRouteDeps extends ChangeMeterPointDeps {
  clock: Clock;
  /** Zone of a meter point that names none. */
  zone: Zone;
}

const code = z.string().regex(/^[A-Za-z0-9]{1,10}$/);
const intervalMinutes = z.union([z.literal(5), z.literal(15), z.literal(30), z.literal(60)]);
const newSeries = z.strictObject({
  kind: z.enum(seriesKinds),
  code,
  flow: z.enum(flows),
  intervalMinutes: intervalMinutes.default(30),
});
const newMeterPoint = z.strictObject({
  identifier,
  ...newPremises,
  zone: z.string().optional().meta({ description: 'IANA zone; the site zone when absent' }),
  series: z
    .array(newSeries)
    .max(20)
    .refine(hasEachOnce, 'a register or channel is named twice')
    .default([])
    .meta({ description: 'Registers and channels; the first reading adds one when there is none' }),
});
const anyObject = z.looseObject({});

function hasEachOnce(series: { kind: string; code: string }[]): boolean {
  return new Set(series.map(({ kind, code }) => `${kind} ${code}`)).size === series.length;
}

/** /v1/meter-points: where supply is measured, with its registers and channels. */
export function registerMeterPointRoutes(root: FastifyInstance, deps: MeterPointRouteDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  const { meterPoints, clock } = deps;
  const now = () => instantOfMs(clock.now());
  const by = (request: FastifyRequest) => ({ who: callerOf(request), at: now() });
  const reads = guard.needsScope('accounts:read');
  const writes = guard.needsScope('accounts:write');

  app.get('/v1/meter-points', {
    schema: {
      tags: ['meter points'],
      summary: 'Meter points',
      querystring: strictQuery({ ...listPage, region: z.string().default(''), dwellingType: z.string().default('') }),
      response: { 200: listed },
    },
    onRequest: reads,
    handler: async ({ query: { limit, offset, ...filter } }) => {
      const { rows, total } = await meterPoints.directory.page(filter, { limit, offset });
      return { data: rows.map(each => showMeterPoint(each, meterPoints.listSeries(each.id))), total };
    },
  });

  app.post('/v1/meter-points', {
    schema: {
      tags: ['meter points'],
      summary: 'Register a meter point',
      body: newMeterPoint,
      response: { 201: anyObject },
    },
    onRequest: writes,
    handler: async (request, reply) => {
      const { zone, series, ...facts } = request.body;
      const known = zone === undefined ? deps.zone : parseZone(zone);
      if (!known) {
        const message = `"${zone}" is not a zone such as Australia/Adelaide`;
        throw new Refusal('body-invalid', `/zone: ${message}`, [{ pointer: '/zone', message }]);
      }
      const added = registerMeterPoint(deps, { ...facts, zone: known, origin: 'registered' }, series, by(request));
      return reply.code(201).send(showMeterPoint(added, meterPoints.listSeries(added.id)));
    },
  });

  app.get('/v1/meter-points/:id', {
    schema: {
      tags: ['meter points'],
      summary: 'One meter point with its registers and channels',
      params: z.object({ id: z.string() }),
      response: { 200: anyObject },
    },
    onRequest: reads,
    handler: async request => {
      const meterPoint = meterPoints.get(request.params.id);
      return showMeterPoint(meterPoint, meterPoints.listSeries(meterPoint.id));
    },
  });

  app.patch('/v1/meter-points/:id', {
    schema: {
      tags: ['meter points'],
      summary: 'Change what is said of a meter point',
      description:
        'Its address and premises; what is left out stays. The version is the one that was read; the audit trail keeps both. The zone stays: it decides which readings are of which day.',
      params: z.object({ id: z.string() }),
      body: meterPointChange,
      response: { 200: anyObject },
    },
    onRequest: writes,
    handler: async request => {
      const changed = changeMeterPoint(deps, request.params.id, request.body, by(request));
      return showMeterPoint(changed, meterPoints.listSeries(changed.id));
    },
  });

  app.post('/v1/meter-points/:id/series', {
    schema: {
      tags: ['meter points'],
      summary: 'Add a register or a channel',
      params: z.object({ id: z.string() }),
      body: newSeries,
      response: { 201: anyObject },
    },
    onRequest: writes,
    handler: async (request, reply) => {
      const meterPoint = meterPoints.get(request.params.id);
      const { kind, code } = request.body;
      if (meterPoints.findSeries(meterPoint.id, kind, code)) {
        throw new Refusal('series-exists', `meter point ${meterPoint.identifier} has a ${kind} ${code} already`);
      }
      meterPoints.addSeries({ ...request.body, meterPointId: meterPoint.id, serial: '', unit: 'kWh' }, now());
      return reply.code(201).send(showMeterPoint(meterPoint, meterPoints.listSeries(meterPoint.id)));
    },
  });

  app.patch('/v1/meter-points/:id/series', {
    schema: {
      tags: ['meter points'],
      summary: 'Change how long the intervals of a channel are',
      description:
        'Of readings that are posted from now on; those that are there keep their length, and an interval that reaches into one of another length is a conflict. Files say the length themselves.',
      params: z.object({ id: z.string() }),
      body: z.strictObject({ code, intervalMinutes }),
      response: { 200: anyObject },
    },
    onRequest: writes,
    handler: async request => {
      const meterPoint = changeIntervals(deps, request.params.id, request.body, by(request));
      return showMeterPoint(meterPoint, meterPoints.listSeries(meterPoint.id));
    },
  });
}

function showMeterPoint(meterPoint: MeterPoint, series: Series[]) {
  const { id: _id, createdAt, zone, ...facts } = meterPoint;
  return {
    ...facts,
    zone,
    createdAt: formatUtc(instant(createdAt)),
    series: series.map(({ kind, code, serial, flow, unit, intervalMinutes, map }) => ({
      kind,
      code,
      ...(serial && { meter: serial }),
      flow,
      unit,
      ...(kind === 'channel' && { intervalMinutes }),
      ...(map && { map: showRegisterMap(map, zone) }),
    })),
  };
}
