import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readArray, readNdjson, readPlainArray } from './read-batch.ts';
import { readCsv } from './read-csv.ts';
import { unpack } from './unpack.ts';

/** Teaches the routes of `scope` the forms readings come in: many become a Batch, one JSON value stays what it is. */
export function parsePostedReadings(scope: FastifyInstance, bytesMax: number): void {
  scope.removeAllContentTypeParsers();
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  const unpacked = (request: FastifyRequest, body: Buffer) =>
    unpack(body, request.headers['content-encoding'], bytesMax);

  scope.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      const bytes = await unpacked(request, body);
      const batch = isArray(bytes) ? readPlainArray(bytes) : undefined;
      if (batch) return batch;
      const value = await new Promise<unknown>((resolve, reject) => {
        void parseJson(request, bytes.toString(), (error, parsed) => (error ? reject(error) : resolve(parsed)));
      });
      return Array.isArray(value) ? readArray(value) : value;
    },
  );
  scope.addContentTypeParser<Buffer>(
    ['application/x-ndjson', 'application/ndjson', 'application/jsonl'],
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => readNdjson(await unpacked(request, body)),
  );
  scope.addContentTypeParser<Buffer>('text/csv', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
    readCsv(await unpacked(request, body)),
  );
}

function isArray(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return byte === 91;
  return false;
}
