import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Guard } from '../access/guard.ts';
import { Refusal } from '../kernel/errors.ts';
import { readManifest } from '../readings/archive-manifest.ts';
import type { AdminDeps } from './page.ts';

/** GET /admin/maintenance/archives/NAME: a file of archive/ that the manifest names. */
export function registerArchive(app: FastifyInstance, { archiver }: AdminDeps, guard: Guard): void {
  const { folder } = archiver.deps;
  app.get<{ Params: { name: string } }>(
    '/admin/maintenance/archives/:name',
    { schema: { hide: true }, onRequest: guard.needsUser('viewer') },
    (request, reply) => {
      const { name } = request.params;
      // Also keeps the path inside the folder.
      if (!readManifest(folder)?.has(name) || !archiver.has(name))
        throw new Refusal('route-unknown', `There is no archive "${name}".`);
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
        .header('cache-control', 'no-store')
        .send(createReadStream(join(folder, name)));
    },
  );
}
