import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import type { DialReadingFilter } from '../imports/dial-reading.ts';
import { inOrder, summaryOf } from '../imports/dial-readings-known.ts';
import { listDialReadings } from '../imports/list-dial-readings.ts';
import { summarizeDialReadings } from '../imports/summarize-dial-readings.ts';
import { Slices } from '../kernel/slices.ts';
import { qualities } from '../readings/reading.ts';
import type { Zone } from '../units/time.ts';
import { type D0010RouteDeps, found, knownThen, params, rowId, tags } from './d0010-route-deps.ts';
import {
  readingDetailView,
  readingView,
  showFlowFile,
  showMeter,
  showReading,
  showSummary,
  summaryView,
} from './d0010-views.ts';
import { beginOf, dayOrMoment, endOf, envelope, listQuery, ordersOf, pageOf, rowsPerPage } from './django-rest.ts';

const text = z.string().min(1).max(100);
const readingFilter = {
  mpan: text.optional(),
  meter_serial: text.optional(),
  date_from: dayOrMoment.optional(),
  date_to: dayOrMoment.optional().meta({ description: 'A day is meant to its end' }),
  reading_date__gte: dayOrMoment.optional(),
  reading_date__lte: dayOrMoment.optional(),
  reading_type: z.enum(qualities.map(quality => quality.toUpperCase())).optional(),
  register_id: text.optional(),
  meter__meter_type: text.optional(),
  meter_type: text.optional(),
  meter: rowId.optional(),
  meter_point: rowId.optional(),
  flow_file: rowId.optional(),
  filename: z.string().min(1).max(300).optional(),
  as_known_at: dayOrMoment.optional().meta({
    description:
      'As it was known then; a day is meant from its beginning. Its pages stay as they are while files come in. Without mpan, meter or meter_point all meters are looked through, which takes longer, and more than 200,000 readings are refused',
  }),
};
const readingQuery = listQuery(readingFilter, ['reading_date', 'reading_value', 'created_at']);
export function registerReadings(scope: FastifyInstance, deps: D0010RouteDeps, guard: Guard): void {
  const { dialReadings, flowFiles, meters, zone, publicUrl } = deps;
  const app = scope.withTypeProvider<ZodTypeProvider>();
  const onRequest = guard.mayReadWith('readings:read');
  const columns = { reading_date: 'at', reading_value: 'value', created_at: 'receivedAt' } as const;
  app.get('/api/readings/', {
    schema: {
      tags,
      summary: 'Dial values that files brought, newest first',
      querystring: readingQuery,
      response: { 200: envelope(readingView) },
    },
    onRequest,
    handler: async request => {
      const { page, ordering, search, as_known_at } = request.query;
      const filter = filterOf(request.query, zone);
      const orders = ordersOf(ordering, columns, { by: 'at', descending: true });
      const knownAt = beginOf(as_known_at, 'as_known_at', zone);
      if (knownAt !== undefined) {
        const all = inOrder(await knownThen(deps, filter, knownAt), orders);
        const some = (offset: number) => all.slice(offset, offset + rowsPerPage).map(each => showReading(each, zone));
        return pageOf(request, page, all.length, some, publicUrl);
      }
      await listDialReadings(deps, search);
      const slices = new Slices();
      const total = dialReadings.count(filter);
      await slices.pause();
      const rows = (offset: number) =>
        dialReadings
          .list(filter, orders, { limit: rowsPerPage, offset, total })
          .map(reading => showReading(reading, zone));
      return pageOf(request, page, total, rows, publicUrl);
    },
  });
  app.get('/api/readings/summary/', {
    schema: {
      tags,
      summary: 'How many readings, meters and meter points, from when to when, of which types',
      querystring: readingQuery,
      response: { 200: summaryView },
    },
    onRequest,
    handler: async request => {
      const filter = filterOf(request.query, zone);
      const knownAt = beginOf(request.query.as_known_at, 'as_known_at', zone);
      if (knownAt !== undefined) return showSummary(summaryOf(await knownThen(deps, filter, knownAt)), zone);
      await listDialReadings(deps, request.query.search);
      return showSummary(await summarizeDialReadings(dialReadings, filter), zone);
    },
  });
  app.get('/api/readings/:id/', {
    schema: {
      tags,
      summary: 'A reading with its meter and its file',
      description: 'What is current; a reading of the past is listed by /api/readings/ with as_known_at.',
      params,
      response: { 200: readingDetailView },
    },
    onRequest,
    handler: async request => {
      const reading = found(dialReadings.find(request.params.id));
      const meter = showMeter(found(meters.find(reading.meterId)), zone);
      const file = found(flowFiles.find(reading.runId));
      return { ...showReading(reading, zone), meter, flow_file: showFlowFile(file, zone) };
    },
  });
}

function filterOf(query: z.infer<typeof readingQuery>, zone: Zone): DialReadingFilter {
  const later = (...names: ('date_from' | 'reading_date__gte')[]) =>
    names.flatMap(name => beginOf(query[name], name, zone) ?? []).sort((a, b) => b - a)[0];
  const earlier = (...names: ('date_to' | 'reading_date__lte')[]) =>
    names.flatMap(name => endOf(query[name], name, zone) ?? []).sort((a, b) => a - b)[0];
  return {
    search: query.search,
    identifier: query.mpan,
    serial: query.meter_serial,
    readingType: query.meter__meter_type ?? query.meter_type,
    meterId: query.meter,
    meterPointId: query.meter_point,
    runId: query.flow_file,
    fileName: query.filename,
    register: query.register_id,
    quality: query.reading_type?.toLowerCase(),
    from: later('date_from', 'reading_date__gte'),
    to: earlier('date_to', 'reading_date__lte'),
  };
}
