import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import { validatorOf } from '../http/schemas.ts';
import { isOver, type ReportedRun } from '../imports/import-run.ts';
import { receiveUpload } from '../imports/receive-upload.ts';
import { Refusal } from '../kernel/errors.ts';
import { type D0010RouteDeps, found, params, tags } from './d0010-route-deps.ts';
import { flowFileView, showFlowFile } from './d0010-views.ts';
import { beginOf, dayOrMoment, endOf, envelope, listQuery, ordersOf, pageOf, rowsPerPage } from './django-rest.ts';
import { flowFileOrders } from './flow-file-store.ts';

const waitMsMax = 20_000;
const flowFileQuery = listQuery(
  { imported_at: dayOrMoment.optional(), filename: z.string().min(1).max(300).optional() },
  flowFileOrders,
);

export function registerFlowFiles(
  scope: FastifyInstance,
  { flowFiles, zone, publicUrl }: D0010RouteDeps,
  guard: Guard,
): void {
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
      const orders = ordersOf(ordering, columns, { by: 'imported_at', descending: true });
      const rows = (offset: number) =>
        flowFiles.list(filter, orders, rowsPerPage, offset).map(file => showFlowFile(file, zone));
      return pageOf(request, page, flowFiles.count(filter), rows, publicUrl);
    },
  });
  app.get('/api/flow-files/:id/', {
    schema: { tags, summary: 'An imported file', params, response: { 200: flowFileView } },
    onRequest,
    handler: async request => showFlowFile(found(flowFiles.find(request.params.id)), zone),
  });
}

/** A door of its own: its body is a file. */
export function registerUpload(scope: FastifyInstance, deps: D0010RouteDeps, guard: Guard): void {
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
          .union([
            z.object({ error: z.string() }),
            z.object({ detail: z.string() }),
            z.record(z.string(), z.array(z.string())),
          ])
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
  const why = report.rules?.find(({ action }) => action === 'rejected')?.example;
  if (rejected === 1 && why) return why;
  const example = why ? ` (${why})` : '';
  return `${rejected} of its records were rejected${example}; GET /v1/imports/${report.run}/problems says why`;
}

function wrongFile(message: string): Refusal {
  return new Refusal('body-invalid', message, [{ pointer: 'file', message }]);
}
