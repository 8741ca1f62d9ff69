import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import { strictQuery } from '../http/schemas.ts';
import type { DialReadingFilter } from '../imports/dial-reading.ts';
import { inOrder } from '../imports/dial-readings-known.ts';
import { listDialReadings } from '../imports/list-dial-readings.ts';
import { Slices } from '../kernel/slices.ts';
import { type D0010RouteDeps, found, knownThen, params, rowId, tags } from './d0010-route-deps.ts';
import {
  meterPointDetailView,
  meterPointView,
  meterView,
  readingView,
  showMeter,
  showMeterPoint,
  showReading,
} from './d0010-views.ts';
import { beginOf, dayOrMoment, envelope, listQuery, ordersOf, pageOf, rowsPerPage } from './django-rest.ts';

const text = z.string().min(1).max(100);
// /{id}/readings/ has no pages. A meter that is read every half-hour for a year has 17,520.
const unpagedMax = 20_000;
const meterPointQuery = listQuery({}, ['mpan', 'created_at', 'meter_count', 'reading_count']);
const meterColumns = {
  serial_number: 'serial',
  mpan: 'identifier',
  meter_point__mpan: 'identifier',
  meter_type: 'readingType',
  created_at: 'createdAt',
  reading_count: 'readingCount',
} as const;
const meterQuery = listQuery(
  { meter_type: text.optional(), meter_point__mpan: text.optional(), meter_point: rowId.optional() },
  Object.keys(meterColumns),
);
export function registerMeterPoints(scope: FastifyInstance, deps: D0010RouteDeps, guard: Guard): void {
  const { meters, zone, publicUrl } = deps;
  const app = scope.withTypeProvider<ZodTypeProvider>();
  const onRequest = guard.mayReadWith('readings:read');
  const columns = {
    mpan: 'identifier',
    created_at: 'createdAt',
    meter_count: 'meterCount',
    reading_count: 'readingCount',
  } as const;
  app.get('/api/meter-points/', {
    schema: {
      tags,
      summary: 'Meter points with their meters and readings counted, as they are now',
      querystring: meterPointQuery,
      response: { 200: envelope(meterPointView) },
    },
    onRequest,
    handler: async request => {
      const { page, ordering, search = '' } = request.query;
      await listDialReadings(deps);
      const orders = ordersOf(ordering, columns, { by: 'identifier', descending: false });
      const rows = (offset: number) =>
        meters.listMeterPoints(search, orders, rowsPerPage, offset).map(point => showMeterPoint(point, zone));
      const slices = new Slices();
      const total = meters.countMeterPoints(search);
      await slices.pause();
      return pageOf(request, page, total, rows, publicUrl);
    },
  });
  app.get('/api/meter-points/:id/', {
    schema: { tags, summary: 'A meter point with its meters', params, response: { 200: meterPointDetailView } },
    onRequest,
    handler: async ({ params: { id } }) => {
      const own = meters.list({ meterPointId: id }, [{ by: 'serial', descending: false }], 1000);
      const point = showMeterPoint(found(meters.findMeterPoint(id)), zone);
      return { ...point, meters: own.map(meter => showMeter(meter, zone)) };
    },
  });
  registerReadingsOf(scope, deps, guard, 'meter-points', id => {
    found(meters.findMeterPoint(id));
    return { meterPointId: id };
  });
}

export function registerMeters(scope: FastifyInstance, deps: D0010RouteDeps, guard: Guard): void {
  const { meters, zone, publicUrl } = deps;
  const app = scope.withTypeProvider<ZodTypeProvider>();
  const onRequest = guard.mayReadWith('readings:read');
  app.get('/api/meters/', {
    schema: { tags, summary: 'Meters', querystring: meterQuery, response: { 200: envelope(meterView) } },
    onRequest,
    handler: async request => {
      await listDialReadings(deps, request.query.search);
      const { page, ordering, search, meter_type, meter_point__mpan: identifier, meter_point } = request.query;
      const filter = { search, readingType: meter_type, identifier, meterPointId: meter_point };
      const orders = ordersOf<(typeof meterColumns)[keyof typeof meterColumns]>(ordering, meterColumns, {
        by: 'identifier',
        descending: false,
      });
      const slices = new Slices();
      const total = meters.count(filter);
      await slices.pause();
      const rows = (offset: number) =>
        meters.list(filter, orders, rowsPerPage, offset, total).map(meter => showMeter(meter, zone));
      return pageOf(request, page, total, rows, publicUrl);
    },
  });
  app.get('/api/meters/:id/', {
    schema: { tags, summary: 'A meter', params, response: { 200: meterView } },
    onRequest,
    handler: async request => showMeter(found(meters.find(request.params.id)), zone),
  });
  registerReadingsOf(scope, deps, guard, 'meters', id => {
    found(meters.find(id));
    return { meterId: id };
  });
}

/** All readings of one thing, newest first, without pages. */
function registerReadingsOf(
  scope: FastifyInstance,
  deps: D0010RouteDeps,
  guard: Guard,
  things: 'meters' | 'meter-points',
  filterOf: (id: number) => DialReadingFilter,
): void {
  const { dialReadings, zone } = deps;
  scope.withTypeProvider<ZodTypeProvider>().get(`/api/${things}/:id/readings/`, {
    schema: {
      tags,
      summary: `Readings of one of the ${things.replace('-', ' ')}, newest first`,
      description: `Without pages; at most ${unpagedMax.toLocaleString('en')}, the rest by /api/readings/ and its pages.`,
      params,
      querystring: strictQuery({
        as_known_at: dayOrMoment
          .optional()
          .meta({ description: 'As it was known then; a day is meant from its beginning' }),
      }),
      response: { 200: z.array(readingView) },
    },
    onRequest: guard.mayReadWith('readings:read'),
    handler: async request => {
      const filter = filterOf(request.params.id);
      const knownAt = beginOf(request.query.as_known_at, 'as_known_at', zone);
      if (knownAt !== undefined) {
        const all = inOrder(await knownThen(deps, filter, knownAt), [{ by: 'at', descending: true }]);
        return all.slice(0, unpagedMax).map(reading => showReading(reading, zone));
      }
      await listDialReadings(deps);
      const limits = { limit: unpagedMax, total: dialReadings.count(filter) };
      return dialReadings
        .list(filter, [{ by: 'at', descending: true }], limits)
        .map(reading => showReading(reading, zone));
    },
  });
}
