import { z } from 'zod';
import type { DialReadingFilter } from '../imports/dial-reading.ts';
import { type KnownDialDeps, listDialReadingsKnown } from '../imports/dial-readings-known.ts';
import type { ImportQueue } from '../imports/import-queue.ts';
import { listDialReadings } from '../imports/list-dial-readings.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Instant, Zone } from '../units/time.ts';
import type { FlowFileStore } from './flow-file-store.ts';

export interface D0010RouteDeps extends KnownDialDeps {
  flowFiles: FlowFileStore;
  importQueue: ImportQueue;
  zone: Zone;
  /** '' when addresses are as the request said. */
  publicUrl: string;
}

export const tags = ['D0010 importer API'];
export const rowId = z.coerce.number().int().min(1);

/** Whatever is no id is the id of nothing, which `found` says. */
export const params = z.object({
  id: z
    .string()
    .transform(text => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0))
    .meta({ type: 'integer' }),
});

/** The row, or the importer's own 404. */
export function found<T>(row: T | undefined): T {
  if (row === undefined) throw new Refusal('route-unknown', 'Not found.');
  return row;
}

// What they take in memory until they are answered: some 60 MB.
const knownRowsMax = 200_000;

/** What was known then, of whatever the filter names. Throws a 400 when that is too much. */
export async function knownThen(deps: D0010RouteDeps, filter: DialReadingFilter, knownAt: Instant) {
  await listDialReadings(deps);
  return listDialReadingsKnown(deps, filter, knownAt, knownRowsMax);
}
