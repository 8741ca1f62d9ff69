import { z } from 'zod';
import type { DialReadingFilter } from '../imports/dial-reading.ts';
import { type KnownDialDeps, listDialReadingsKnown } from '../imports/dial-readings-known.ts';
import type { ImportQueue } from '../imports/import-queue.ts';
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
export const params = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

/** The row, or the importer's own 404. */
export function found<T>(row: T | undefined): T {
  if (row === undefined) throw new Refusal('route-unknown', 'Not found.');
  return row;
}

/** What was known then of the one meter point that a filter names. Throws a 400 when it names none. */
export async function knownThen(deps: D0010RouteDeps, filter: DialReadingFilter, knownAt: Instant) {
  const { identifier, meterId, meterPointId } = filter;
  const id = meterPointId ?? (meterId === undefined ? undefined : (deps.meters.find(meterId)?.meterPointId ?? 0));
  if (identifier === undefined && id === undefined) {
    const message = 'Name a meter or a meter point as well: mpan, meter or meter_point.';
    throw new Refusal('body-invalid', message, [{ pointer: 'as_known_at', message }]);
  }
  const named = identifier === undefined ? deps.meters.findMeterPoint(id!)?.identifier : identifier;
  const meterPoint = named === undefined ? undefined : deps.meterPoints.find(named);
  return meterPoint ? listDialReadingsKnown(deps, meterPoint, filter, knownAt) : [];
}
