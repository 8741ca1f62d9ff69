import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { assert } from '../kernel/assert.ts';
import { sha256 } from '../kernel/ids.ts';

const assetsFolder = fileURLToPath(new URL('../../views/assets', import.meta.url));

// Twelve hex digits of the content: a changed file has a new address, so browsers may keep each for a year.
const hashByName = new Map(readdirSync(assetsFolder).map(name => [name, sha256(readAsset(name)).slice(0, 12)]));

/** The address of a file in views/assets, with its content's hash in it. */
export function assetUrl(name: string): string {
  const hash = hashByName.get(name);
  assert(hash, `views/assets holds ${name}`);
  return `/assets/${hash}/${name}`;
}

/** The bytes of a file of views/assets/. Throws when there is none. */
export function readAsset(name: string): Buffer {
  return readFileSync(join(assetsFolder, name));
}

/** /assets/HASH/NAME, kept by browsers for a year while the hash is that of the file. */
export async function registerAssets(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, { root: assetsFolder, serve: false });
  app.get<{ Params: { hash: string; name: string } }>(
    '/assets/:hash/:name',
    { schema: { hide: true } },
    (request, reply) => {
      const { hash, name } = request.params;
      if (!hashByName.has(name)) return reply.callNotFound();
      // An address from an older page gets today's file, but may not keep it.
      const current = hashByName.get(name) === hash;
      return reply.sendFile(name, { maxAge: current ? '365d' : 0, immutable: current });
    },
  );
}
