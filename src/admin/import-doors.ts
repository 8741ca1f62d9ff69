import type { FastifyInstance } from 'fastify';
import type { Guard } from '../access/guard.ts';
import { href } from '../http/href.ts';
import { assertOneFile, readExpectedTotal } from '../imports/expected-total.ts';
import { sendChannels, sendEvents, sendProblems } from '../imports/import-routes.ts';
import { acceptUploads, receiveUpload } from '../imports/receive-upload.ts';
import type { AdminDeps } from './page.ts';
import { problemFilterOf, runNumber } from './pages/import-page.ts';

const url = '/admin/imports';
const schema = { hide: true };

/** What the pages of imports need beside pages: the upload of files, a run's progress as events, its problems as CSV. */
export async function registerImportDoors(app: FastifyInstance, deps: AdminDeps, guard: Guard): Promise<void> {
  const { importQueue: queue } = deps;
  await app.register(async scope => {
    await acceptUploads(scope);
    scope.post(`${url}/upload`, { schema, onRequest: guard.needsUser('operator') }, async (request, reply) => {
      const dryRunOf = (fields: Map<string, string>) => fields.get('dryRun') === 'yes';
      // The form's token stands before its files, so that nothing of a stranger's form is kept.
      const { files, fields } = await receiveUpload(request, queue, { name: '', dryRun: dryRunOf }, async fields => {
        request.body = Object.fromEntries(fields);
        await guard.needsOwnForm(request, reply);
        readExpected(fields);
      });
      const expected = readExpected(fields);
      assertOneFile(expected, files.length);
      const importedBy = `user ${request.session!.user.name}`;
      const { profile = '', meterPoint = '' } = Object.fromEntries(fields);
      const order = { strict: fields.get('mode') === 'strict', importedBy, profile, meterPoint, expected };
      const dryRun = dryRunOf(fields);
      const ids = files.map(file => queue.order({ ...file, ...order }, { dryRun }).id);
      const [only] = ids;
      const to = ids.length === 1 ? href(url, [only!]) : dryRun ? href(url, [], { runs: ids.join(',') }) : url;
      // A script that shows the progress of the upload follows by itself.
      if (request.headers.accept?.includes('application/json')) return reply.send({ to });
      return reply.redirect(to, 303);
    });
  });
  const mayLook = { schema, onRequest: guard.needsUser('viewer') };
  app.get<{ Params: { run: string } }>(`${url}/:run/events`, mayLook, async (request, reply) =>
    sendEvents(reply, queue, runNumber(request.params.run)),
  );
  app.get<{ Params: { run: string } }>(`${url}/:run/channels.csv`, mayLook, async (request, reply) =>
    sendChannels(reply, queue, runNumber(request.params.run)),
  );
  app.get<{ Params: { run: string } }>(`${url}/:run/problems.csv`, mayLook, async (request, reply) => {
    const query = new URLSearchParams(request.url.split('?', 2)[1] ?? '');
    return sendProblems(reply, queue, runNumber(request.params.run), problemFilterOf(query));
  });
}

function readExpected(fields: Map<string, string>) {
  return readExpectedTotal(fields.get('expectedKwh'), fields.get('expectedReadings'));
}
