import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type WrittenFile, writeAtomicParts } from '../kernel/files.ts';

/** By file name. */
export type ArchiveManifest = Map<string, WrittenFile>;

export const manifestName = 'manifest.json';

const schema = z.strictObject({
  version: z.literal(1),
  files: z.record(z.string(), z.strictObject({ bytes: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});

/** What archive/manifest.json says; undefined when there is none, or none that can be read: it is made again with the next archive. */
export function readManifest(folder: string): ArchiveManifest | undefined {
  const path = join(folder, manifestName);
  if (!existsSync(path)) return undefined;
  try {
    return new Map(Object.entries(schema.parse(JSON.parse(readFileSync(path, 'utf8'))).files));
  } catch {
    return undefined;
  }
}

/** Sorted by name, so that the same archives have the same manifest. */
export async function writeManifest(folder: string, sums: ArchiveManifest): Promise<void> {
  const files = Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = `${JSON.stringify({ version: 1, files }, null, 1)}\n`;
  await writeAtomicParts(join(folder, manifestName), [text]);
}
