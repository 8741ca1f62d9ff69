import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { allowLongBody } from '../http/body-deadline.ts';
import { Refusal } from '../kernel/errors.ts';
import { fileNameOf } from './file-name.ts';
import type { ImportQueue } from './import-queue.ts';

export interface ReceivedFile {
  name: string;
  sha256: string;
  size: number;
}

const filesMax = 500;

/** Lets the routes of `scope` take bytes of any type as a stream, and forms with files in them. */
export async function acceptUploads(scope: FastifyInstance): Promise<void> {
  scope.removeAllContentTypeParsers();
  // Files are bounded where they are kept, and a file that was cut there is refused; see filesOf.
  const limits = { files: filesMax, fileSize: Number.MAX_SAFE_INTEGER, fields: 50, fieldSize: 10_000 };
  await scope.register(multipart, { limits, throwFileSizeLimit: false });
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}

/**
 * Keeps what a request brings: the body, or every file of a form, streamed to disk. `beforeFiles` gets the form's fields before the
 * first file is read; `check` gets the name of each file of a form before its bytes are kept. Throws 'file-missing', 'body-too-large',
 * 'body-malformed' and what `beforeFiles` throws.
 */
export async function receiveUpload(
  request: FastifyRequest,
  queue: ImportQueue,
  options: { name: string; dryRun(fields: Map<string, string>): boolean; check?(name: string): void },
  beforeFiles: (fields: Map<string, string>) => Promise<void> = () => Promise.resolve(),
): Promise<{ files: ReceivedFile[]; fields: Map<string, string> }> {
  allowLongBody(request.raw);
  const fields = new Map<string, string>();
  const files: ReceivedFile[] = [];
  if (!request.isMultipart()) {
    await beforeFiles(fields);
    const dryRun = options.dryRun(fields);
    // Without Content-Type and body nothing was parsed, so that there is no stream.
    const body = request.body as Readable | null;
    const kept = body && (await queue.keep(body, { dryRun }));
    if (!kept?.size) throw new Refusal('file-missing', 'The body is empty.');
    return { files: [{ name: fileNameOf(options.name), ...kept }], fields };
  }
  let checked = false;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        fields.set(part.fieldname, String(part.value));
        continue;
      }
      if (!checked) await beforeFiles(fields);
      checked = true;
      options.check?.(fileNameOf(part.filename ?? ''));
      const kept = await queue.keep(wholeOf(part.file), { dryRun: options.dryRun(fields) });
      // A form in which no file was chosen sends one without name and bytes.
      if (part.filename || kept.size > 0) files.push({ name: fileNameOf(part.filename ?? ''), ...kept });
    }
  } catch (error) {
    throw refusalOf(error);
  }
  if (!checked) await beforeFiles(fields);
  if (files.length === 0) throw new Refusal('file-missing', 'The form has no file.');
  return { files, fields };
}

/** The parser ends a file that it cut as if that were its end, and says so nowhere else. */
async function* wholeOf(file: Readable & { truncated: boolean }): AsyncGenerator<Uint8Array> {
  for await (const chunk of file as AsyncIterable<Uint8Array>) yield chunk;
  if (file.truncated) throw new Refusal('body-too-large', 'A file of the form is too large.');
}

function refusalOf(error: unknown): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error;
  if ('statusCode' in error && error.statusCode === 413) return new Refusal('body-too-large', error.message);
  const isFormsFault =
    /multipart|terminated early|premature|closed before/i.test(error.message) || 'statusCode' in error;
  return isFormsFault ? new Refusal('body-malformed', `The form cannot be read: ${error.message}`) : error;
}
