import { z } from 'zod';
import type { MeterStore } from '../accounts/meter-store.ts';
import type { ImportQueue } from '../imports/import-queue.ts';
import type { DialReadingDeps } from '../imports/list-dial-readings.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Zone } from '../units/time.ts';
import type { FlowFileStore } from './flow-file-store.ts';

export interface D0010RouteDeps extends DialReadingDeps {
  flowFiles: FlowFileStore;
  meters: MeterStore;
  importQueue: ImportQueue;
  zone: Zone;
  /** '' when addresses are as the request said. */
  publicUrl: string;
}

export const tags = ['D0010 importer API'];
export const params = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

/** The row, or the importer's own 404. */
export function found<T>(row: T | undefined): T {
  if (row === undefined) throw new Refusal('route-unknown', 'Not found.');
  return row;
}
