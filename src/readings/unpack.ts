import type { Transform } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { Refusal } from '../kernel/errors.ts';

// A frame may ask for a window of 128 MB before its first byte comes; a body of eight needs no more than eight.
const zstdWindowLogMax = 23;

/** What a Content-Encoding asks for, as the name to use in a sentence; undefined when the body is not packed. */
export type Packing = 'gzip' | 'zstd';

/** Throws 'media-type-unsupported' for what is neither gzip, zstd nor nothing. */
export function packingOf(encoding: string | undefined): Packing | undefined {
  const name = encoding?.trim().toLowerCase() ?? 'identity';
  if (name === 'identity' || name === '') return undefined;
  if (name === 'gzip' || name === 'x-gzip') return 'gzip';
  if (name === 'zstd') return 'zstd';
  throw new Refusal('media-type-unsupported', `The Content-Encoding "${name}" is not gzip or zstd.`);
}

/** What unpacking holds at most: the window it looks back into, and its own tables. */
export const unpackedBytes: Record<Packing, number> = { gzip: 64 * 1024, zstd: 2 ** zstdWindowLogMax };

/** A stream of the unpacked bytes. It fails with the error of zlib on damage, and on a zstd frame that asks for a larger window. */
export function unpacker(packing: Packing): Transform {
  return packing === 'gzip'
    ? createGunzip()
    : createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLogMax } });
}
