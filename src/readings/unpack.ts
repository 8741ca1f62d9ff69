import { promisify } from 'node:util';
import { constants, gunzip, zstdDecompress } from 'node:zlib';
import { Refusal } from '../kernel/errors.ts';

const unzip = promisify(gunzip);
const unzstd = promisify(zstdDecompress);
// A frame may ask for a window of 128 MB before its first byte comes; a body of eight needs no more than eight.
const zstdWindowLogMax = 23;

/**
 * The body behind its Content-Encoding: gzip, zstd or none. Throws 'body-too-large' as soon as it grows beyond `bytesMax`, however
 * small it came, and 'body-malformed' when it is damaged.
 */
export async function unpack(body: Buffer, encoding: string | undefined, bytesMax: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? 'identity';
  if (name === 'identity' || name === '') return body;
  try {
    if (name === 'gzip' || name === 'x-gzip') return await unzip(body, { maxOutputLength: bytesMax });
    if (name === 'zstd') {
      const params = { [constants.ZSTD_d_windowLogMax]: zstdWindowLogMax };
      return await unzstd(body, { maxOutputLength: bytesMax, params });
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw new Refusal('body-too-large', `The body unpacks to more than ${bytesMax} bytes.`);
    throw new Refusal('body-malformed', `The body is not well-formed ${name}.`);
  }
  throw new Refusal('media-type-unsupported', `The Content-Encoding "${name}" is not gzip or zstd.`);
}
