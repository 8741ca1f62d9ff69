import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import { strictQuery, validatorOf } from '../http/schemas.ts';
import { assertOneFile, readExpectedTotal } from './expected-total.ts';
import type { ImportQueue } from './import-queue.ts';
import { importStates, isOver } from './import-run.ts';
import type { ImportRunStore } from './import-run-store.ts';
import { channelsCsv, listChannels } from './list-channels.ts';
import { problemsCsv } from './problems-csv.ts';
import { acceptUploads, receiveUpload } from './receive-upload.ts';
import { runEvents } from './run-events.ts';
import { channelTotal, listedRun, showListed, shownRun, showRun } from './show-run.ts';

interface ImportRouteDeps {
  imports: ImportRunStore;
  importQueue: ImportQueue;
}

const flag = z.enum(['true', 'false']).optional();
const params = z.object({ id: z.coerce.number().int() });
const page = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).default(0),
};
const problemQuery = strictQuery({
  severity: z.enum(['error', 'warning']).optional(),
  action: z.enum(['rejected', 'repaired', 'ignored']).optional(),
  rule: z.string().max(40).optional(),
  q: z.string().max(100).optional().meta({ description: 'Part of rule, member or message' }),
});
const problem = z
  .object({
    file: z.string(),
    member: z.string().meta({ description: 'archive.zip!member, empty unless the file came out of an archive' }),
    line: z.int().meta({ description: 'From 1; 0 when the whole file is meant' }),
    column: z.int(),
    field: z.string(),
    raw: z.string().meta({ description: 'As it was sent, cut to 50 characters' }),
    rule: z.string(),
    severity: z.enum(['error', 'warning']),
    action: z.enum(['rejected', 'repaired', 'ignored']),
    message: z.string(),
  })
  .meta({ id: 'ImportProblem' });
const waitMsMax = 20_000;

/** POST /v1/imports and what became of each file. */
export function registerImportRoutes(root: FastifyInstance, deps: ImportRouteDeps, guard: Guard): void {
  root.register(async scope => {
    await acceptUploads(scope);
    registerPost(scope, deps, guard);
  });
  registerRuns(root, deps, guard);
}

function registerPost(scope: FastifyInstance, { importQueue: queue }: ImportRouteDeps, guard: Guard): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: 'POST',
    url: '/v1/imports',
    schema: {
      tags: ['imports'],
      summary: 'Hand in files of meter data',
      description:
        'The body is the file, whatever its Content-Type, or multipart/form-data with one or many files. Formats are told apart by content; a zip may hold many files. Answered 202 when the bytes are on disk: the import waits for its turn, survives a restart, and is followed at its url. The same bytes again change nothing.',
      consumes: ['application/octet-stream', 'multipart/form-data', 'text/csv', 'application/zip'],
      querystring: strictQuery({
        name: z
          .string()
          .max(300)
          .optional()
          .meta({ description: 'File name of a plain body; NEM12 carries its id there' }),
        dry_run: flag.meta({ description: 'Report what would happen; nothing at all is changed' }),
        strict: flag.meta({
          description: 'All of a file or nothing of it; without it good records enter and bad ones are listed',
        }),
        profile: z.string().max(100).optional().meta({ description: 'Mapping profile for CSV files that need one' }),
        meter_point: z.string().max(100).optional().meta({ description: 'For files that name no meter point' }),
        expected_kwh: z.string().max(30).optional().meta({
          example: '1234.5',
          description:
            'Energy of all channels of the one file, intervals of every quality; a difference is a problem (rule expected-total), and with strict=true nothing of the file enters',
        }),
        expected_readings: z.string().max(12).optional().meta({
          example: '1488',
          description: 'Intervals that have a value and values of registers, in the same way',
        }),
        wait: flag.meta({ description: `Answer 200 with the report when all are over within ${waitMsMax / 1000} s` }),
      }),
      body: z.any().meta({ type: 'string', format: 'binary' }),
      response: {
        200: z.object({ imports: z.array(shownRun) }),
        202: z.object({ imports: z.array(shownRun) }).describe('Kept; the imports wait for their turn or run'),
      },
    },
    validatorCompiler: part => (part.httpPart === 'body' ? value => ({ value }) : validatorOf(part)),
    serializerCompiler: () => JSON.stringify,
    onRequest: guard.needsScope('imports:write'),
    handler: async (request, reply) => {
      const { name = '', dry_run, strict, profile = '', meter_point: meterPoint = '', wait } = request.query;
      const expected = readExpectedTotal(request.query.expected_kwh, request.query.expected_readings);
      const dryRun = dry_run === 'true';
      const { files } = await receiveUpload(request, queue, { name, dryRun: () => dryRun });
      assertOneFile(expected, files.length);
      const importedBy = `key ${request.apiKey!.name}`;
      const order = { strict: strict === 'true', importedBy, profile, meterPoint, expected };
      const ids = files.map(file => queue.order({ ...file, ...order }, { dryRun }).id);
      if (wait === 'true') await Promise.all(ids.map(id => queue.settled(id, waitMsMax)));
      const runs = ids.map(id => queue.runs.get(id));
      if (ids.length === 1) reply.header('location', `/v1/imports/${ids[0]}`);
      return reply
        .code(wait === 'true' && runs.every(isOver) ? 200 : 202)
        .send({ imports: runs.map(run => showRun(queue, run)) });
    },
  });
}

function registerRuns(root: FastifyInstance, { imports, importQueue: queue }: ImportRouteDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  const mayRead = guard.needsScope('imports:read');

  app.get('/v1/imports', {
    schema: {
      tags: ['imports'],
      summary: 'Imports, newest first',
      querystring: strictQuery({
        q: z.string().max(100).default('').meta({ description: 'Part of file name, format or importer' }),
        state: z.enum(importStates).optional(),
        ...page,
      }),
      response: { 200: z.object({ data: z.array(listedRun), total: z.int() }) },
    },
    onRequest: mayRead,
    handler: async ({ query: { q: search, state, limit, offset } }) => ({
      data: imports.list({ search, limit, offset, ...(state && { state }) }).map(showListed),
      total: imports.count(search, state),
    }),
  });

  app.get('/v1/imports/:id', {
    schema: {
      tags: ['imports'],
      summary: 'One import: state, progress, counts, totals',
      params,
      response: { 200: shownRun },
    },
    onRequest: mayRead,
    handler: async request => showRun(queue, queue.runs.get(request.params.id)),
  });

  app.get('/v1/imports/:id/channels', {
    schema: {
      tags: ['imports'],
      summary: 'Totals of a file per channel and register, all of them, page by page',
      params,
      querystring: strictQuery(page),
      response: { 200: z.object({ data: z.array(channelTotal), total: z.int() }) },
    },
    onRequest: mayRead,
    handler: async ({ params: { id }, query: { limit, offset } }) => listChannels(queue.runs.get(id), limit, offset),
  });

  app.get('/v1/imports/:id/channels.csv', {
    schema: {
      tags: ['imports'],
      summary: 'The same as CSV',
      params,
      produces: ['text/csv'],
      response: { 200: z.any().meta({ type: 'string' }) },
    },
    serializerCompiler: () => String,
    onRequest: mayRead,
    handler: async ({ params: { id } }, reply) => sendChannels(reply, queue, id),
  });

  app.get('/v1/imports/:id/problems', {
    schema: {
      tags: ['imports'],
      summary: 'What is wrong with a file, all of it, page by page',
      params,
      querystring: problemQuery.extend(page),
      response: { 200: z.object({ data: z.array(problem), total: z.int() }) },
    },
    onRequest: mayRead,
    handler: async ({ params: { id }, query: { q: search, limit, offset, ...filter } }) => {
      const run = queue.runs.get(id);
      const wanted = { search, ...filter };
      const problems = queue.runs.listProblems(id, wanted, limit, offset);
      return { data: problems.map(each => ({ file: run.name, ...each })), total: queue.runs.countProblems(id, wanted) };
    },
  });

  app.get('/v1/imports/:id/problems.csv', {
    schema: {
      tags: ['imports'],
      summary: 'The same as CSV, for a spreadsheet; nothing in it is run as a formula',
      params,
      querystring: problemQuery,
      produces: ['text/csv'],
      response: { 200: z.any().meta({ type: 'string' }) },
    },
    serializerCompiler: () => String,
    onRequest: mayRead,
    handler: async ({ params: { id }, query: { q: search, ...filter } }, reply) =>
      sendProblems(reply, queue, id, { search, ...filter }),
  });

  app.get('/v1/imports/:id/events', {
    schema: {
      tags: ['imports'],
      summary: 'Progress as server-sent events, until the end',
      description:
        'Events "progress" (state, stage, done, total, bytesPerSecond, secondsLeft) and at last "end" (the run).',
      params,
      produces: ['text/event-stream'],
      response: { 200: z.any().meta({ type: 'string' }) },
    },
    serializerCompiler: () => String,
    onRequest: mayRead,
    handler: async (request, reply) => sendEvents(reply, queue, request.params.id),
  });

  app.post('/v1/imports/:id/cancel', {
    schema: {
      tags: ['imports'],
      summary: 'Stop an import between two slices; what was taken until then stays and is reported',
      params,
      response: { 200: shownRun },
    },
    onRequest: guard.needsScope('imports:write'),
    handler: async ({ params: { id } }) => {
      queue.cancel(id);
      return showRun(queue, await queue.settled(id, waitMsMax));
    },
  });
}

export function sendProblems(
  reply: FastifyReply,
  queue: ImportQueue,
  id: number,
  filter: Parameters<typeof problemsCsv>[2],
): FastifyReply {
  const run = queue.runs.get(id);
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="import-${id}-problems.csv"`)
    .header('cache-control', 'no-store')
    .send(Readable.from(problemsCsv(queue.runs, run, filter)));
}

export function sendChannels(reply: FastifyReply, queue: ImportQueue, id: number): FastifyReply {
  const run = queue.runs.get(id);
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="import-${id}-channels.csv"`)
    .header('cache-control', 'no-store')
    .send(Readable.from(channelsCsv(run)));
}

export function sendEvents(reply: FastifyReply, queue: ImportQueue, id: number): FastifyReply {
  queue.runs.get(id);
  return reply
    .type('text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(Readable.from(runEvents(queue, id)));
}
