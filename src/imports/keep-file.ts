import { Refusal } from '../kernel/errors.ts';
import { writeByHash } from '../kernel/files.ts';

/** Thousands of meters' years; more than this on a small machine is a mistake. */
const bytesMaxByDefault = 4e9;

/**
 * Keeps the bytes of a file in `importFolder` under their SHA-256, streamed: they are on disk when this resolves. The same bytes are
 * kept once, whatever they are called. Throws 'body-too-large' beyond `maxBytes`, and what `source` throws; no part of a file stays.
 */
export async function keepFile(
  importFolder: string,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { maxBytes = bytesMaxByDefault }: { maxBytes?: number } = {},
): Promise<{ sha256: string; size: number }> {
  const { sha256, bytes } = await writeByHash(importFolder, bounded(source, maxBytes));
  return { sha256, size: bytes };
}

async function* bounded(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, maxBytes: number) {
  let bytes = 0;
  for await (const part of source) {
    bytes += part.length;
    if (bytes > maxBytes) throw new Refusal('body-too-large', `The file has more than ${maxBytes} bytes.`);
    yield part;
  }
}
