import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import type { MeterStore } from '../accounts/meter-store.ts';
import { validatorOf } from '../http/schemas.ts';
import type { DialReadingFilter } from '../imports/dial-reading.ts';
import type { ImportQueue } from '../imports/import-queue.ts';
import { isOver, type ReportedRun } from '../imports/import-run.ts';
import { type DialReadingDeps, listDialReadings } from '../imports/list-dial-readings.ts';
import { acceptUploads, receiveUpload } from '../imports/receive-upload.ts';
import { Refusal } from '../kernel/errors.ts';
import { qualities } from '../readings/reading.ts';
import type { Zone } from '../units/time.ts';
import {
  flowFileView,
  meterPointDetailView,
  meterPointView,
  meterView,
  readingDetailView,
  readingView,
  showFlowFile,
  showMeter,
  showMeterPoint,
  showReading,
  showSummary,
  summaryView,
} from './d0010-views.ts';
import {
  answerAsDjango,
  beginOf,
  dayOrMoment,
  endOf,
  envelope,
  listQuery,
  orderOf,
  pageOf,
  rowsPerPage,
} from './django-rest.ts';
import { type FlowFileStore, flowFileOrders } from './flow-file-store.ts';

export interface D0010RouteDeps extends DialReadingDeps {
  flowFiles: FlowFileStore;
  meters: MeterStore;
  importQueue: ImportQueue;
  zone: Zone;
  /** '' when addresses are as the request said. */
  publicUrl: string;
}

const tags = ['D0010 importer API'];
const params = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
const text = z.string().min(1).max(100);
const rowId = z.coerce.number().int().min(1);
const waitMsMax = 20_000;
// /{id}/readings/ has no pages. A meter that is read every half-hour for a year has 17,520.
const unpagedMax = 20_000;

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
};
const readingQuery = listQuery(readingFilter, ['reading_date', 'reading_value', 'created_at']);
const meterPointQuery = listQuery({}, ['mpan', 'created_at', 'meter_count', 'reading_count']);
const meterQuery = listQuery({ meter_type: text.optional(), meter_point__mpan: text.optional() }, [
  'serial_number',
  'meter_type',
  'created_at',
  'reading_count',
]);
const flowFileQuery = listQuery(
  { imported_at: dayOrMoment.optional(), filename: z.string().min(1).max(300).optional() },
  flowFileOrders,
);

/**
 * The paths, parameters and answers of the D0010 importer's REST API, for scripts that already speak it: files, meter points, meters and
 * the dial values that files brought. A parameter that is none is a 400, and a key is needed, unless reading without one is turned on.
 */
export function registerD0010Routes(root: FastifyInstance, deps: D0010RouteDeps, guard: Guard): void {
  root.register(async scope => {
    answerAsDjango(scope);
    registerFlowFiles(scope, deps, guard);
    registerMeterPoints(scope, deps, guard);
    registerMeters(scope, deps, guard);
    registerReadings(scope, deps, guard);
    for (const [from, to] of [
      ['/api/docs/', '/docs'],
      ['/api/redoc/', '/redoc'],
      ['/api/schema/', '/openapi.json'],
    ] as const)
      scope.get(from, { schema: { hide: true } }, (_request, reply) => reply.redirect(to, 302));
  });
  root.register(async scope => {
    answerAsDjango(scope);
    await acceptUploads(scope);
    registerUpload(scope, deps, guard);
  });
}

function registerFlowFiles(scope: FastifyInstance, { flowFiles, zone, publicUrl }: D0010RouteDeps, guard: Guard): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  const onRequest = guard.mayReadWith('imports:read');
  app.get('/api/flow-files/', {
    schema: {
      tags,
      summary: 'Imported files, newest first',
      querystring: flowFileQuery,
      response: { 200: envelope(flowFileView) },
    },
    onRequest,
    handler: async request => {
      const { page, ordering, search, filename, imported_at: at } = request.query;
      const filter = { search, filename, from: beginOf(at, 'imported_at', zone), to: endOf(at, 'imported_at', zone) };
      const columns = Object.fromEntries(flowFileOrders.map(name => [name, name]));
      const order = orderOf(ordering, columns, { by: 'imported_at', descending: true });
      const rows = (offset: number) =>
        flowFiles.list(filter, order, rowsPerPage, offset).map(file => showFlowFile(file, zone));
      return pageOf(request, page, flowFiles.count(filter), rows, publicUrl);
    },
  });
  app.get('/api/flow-files/:id/', {
    schema: { tags, summary: 'An imported file', params, response: { 200: flowFileView } },
    onRequest,
    handler: async request => showFlowFile(found(flowFiles.find(request.params.id)), zone),
  });
}

function registerMeterPoints(scope: FastifyInstance, deps: D0010RouteDeps, guard: Guard): void {
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
      summary: 'Meter points with their meters and readings counted',
      querystring: meterPointQuery,
      response: { 200: envelope(meterPointView) },
    },
    onRequest,
    handler: async request => {
      await listDialReadings(deps);
      const { page, ordering, search = '' } = request.query;
      const order = orderOf(ordering, columns, { by: 'identifier', descending: false });
      const rows = (offset: number) =>
        meters.listMeterPoints(search, order, rowsPerPage, offset).map(point => showMeterPoint(point, zone));
      return pageOf(request, page, meters.countMeterPoints(search), rows, publicUrl);
    },
  });
  app.get('/api/meter-points/:id/', {
    schema: { tags, summary: 'A meter point with its meters', params, response: { 200: meterPointDetailView } },
    onRequest,
    handler: async ({ params: { id } }) => {
      const own = meters.list({ meterPointId: id }, { by: 'serial', descending: false }, 1000);
      const point = showMeterPoint(found(meters.findMeterPoint(id)), zone);
      return { ...point, meters: own.map(meter => showMeter(meter, zone)) };
    },
  });
  registerReadingsOf(scope, deps, guard, 'meter-points', id => {
    found(meters.findMeterPoint(id));
    return { meterPointId: id };
  });
}

function registerMeters(scope: FastifyInstance, deps: D0010RouteDeps, guard: Guard): void {
  const { meters, zone, publicUrl } = deps;
  const app = scope.withTypeProvider<ZodTypeProvider>();
  const onRequest = guard.mayReadWith('readings:read');
  const columns = {
    serial_number: 'serial',
    meter_type: 'readingType',
    created_at: 'createdAt',
    reading_count: 'readingCount',
  } as const;
  app.get('/api/meters/', {
    schema: { tags, summary: 'Meters', querystring: meterQuery, response: { 200: envelope(meterView) } },
    onRequest,
    handler: async request => {
      await listDialReadings(deps);
      const { page, ordering, search, meter_type: readingType, meter_point__mpan: identifier } = request.query;
      const filter = { search, readingType, identifier };
      const order = orderOf<'identifier' | (typeof columns)[keyof typeof columns]>(ordering, columns, {
        by: 'identifier',
        descending: false,
      });
      const total = meters.count(filter);
      const rows = (offset: number) =>
        meters.list(filter, order, rowsPerPage, offset, total).map(meter => showMeter(meter, zone));
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
      response: { 200: z.array(readingView) },
    },
    onRequest: guard.mayReadWith('readings:read'),
    handler: async request => {
      const filter = filterOf(request.params.id);
      await listDialReadings(deps);
      const limits = { limit: unpagedMax, total: dialReadings.count(filter) };
      return dialReadings
        .list(filter, { by: 'at', descending: true }, limits)
        .map(reading => showReading(reading, zone));
    },
  });
}

function registerReadings(scope: FastifyInstance, deps: D0010RouteDeps, guard: Guard): void {
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
      await listDialReadings(deps);
      const { page, ordering } = request.query;
      const filter = filterOf(request.query, zone);
      const order = orderOf(ordering, columns, { by: 'at', descending: true });
      const total = dialReadings.count(filter);
      const rows = (offset: number) =>
        dialReadings
          .list(filter, order, { limit: rowsPerPage, offset, total })
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
      await listDialReadings(deps);
      return showSummary(dialReadings.summary(filterOf(request.query, zone)), zone);
    },
  });
  app.get('/api/readings/:id/', {
    schema: {
      tags,
      summary: 'A reading with its meter and its file',
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

function registerUpload(scope: FastifyInstance, deps: D0010RouteDeps, guard: Guard): void {
  const { importQueue: queue, flowFiles, zone } = deps;
  scope.withTypeProvider<ZodTypeProvider>().route({
    method: 'POST',
    url: '/api/flow-files/upload/',
    schema: {
      tags,
      summary: 'Import one .uff file',
      description: `multipart/form-data with one file. Answered when it is imported: 201, or 400 with the reason. After ${waitMsMax / 1000} s it is answered 202 and goes on; /v1/imports/ID says how far it is.`,
      consumes: ['multipart/form-data'],
      body: z.any().meta({ type: 'string', format: 'binary' }),
      response: {
        201: flowFileView,
        202: z.object({ id: z.int() }).describe('The import goes on'),
        400: z
          .union([z.object({ error: z.string() }), z.record(z.string(), z.array(z.string()))])
          .describe('Not taken'),
      },
    },
    validatorCompiler: part => (part.httpPart === 'body' ? value => ({ value }) : validatorOf(part)),
    onRequest: guard.needsScope('imports:write'),
    handler: async (request, reply) => {
      if (!request.isMultipart()) throw wrongFile('No file was submitted.');
      const onlyUff = (name: string) => {
        if (!name.toLowerCase().endsWith('.uff')) throw wrongFile('Invalid file type. Only .uff files are supported.');
      };
      const { files } = await receiveUpload(request, queue, { name: '', dryRun: () => false, check: onlyUff });
      const [file, ...more] = files;
      if (!file || more.length > 0) throw wrongFile('Send one file.');
      const importedBy = `key ${request.apiKey!.name}`;
      const { id } = queue.order({ ...file, strict: false, importedBy, profile: '', meterPoint: '' });
      const run = await queue.settled(id, waitMsMax);
      if (!isOver(run)) return reply.code(202).send({ id });
      const why = failureOf(run);
      const taken = why === undefined ? flowFiles.find(id) : undefined;
      if (!taken) return reply.code(400).send({ error: `Import failed: ${why ?? 'nothing was read'}` });
      return reply.code(201).send(showFlowFile(taken, zone));
    },
  });
}

/** Why nothing of a file was taken, when that is so. */
function failureOf({ name, failure, report }: ReportedRun): string | undefined {
  if (!report) return failure?.message ?? 'the import was cancelled';
  if (report.importedBefore?.file === name) return `File has already been imported | File: ${name}`;
  const { rejected, ...taken } = report.counts;
  if (rejected === 0 || Object.values(taken).some(count => count > 0)) return undefined;
  return `${rejected} of its records were rejected; GET /v1/imports/${report.run}/problems says why`;
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

function found<T>(row: T | undefined): T {
  if (row === undefined) throw new Refusal('route-unknown', 'Not found.');
  return row;
}

function wrongFile(message: string): Refusal {
  return new Refusal('body-invalid', message, [{ pointer: 'file', message }]);
}
