import { z } from 'zod';
import type { CountedMeterPoint, Meter } from '../accounts/meter-store.ts';
import type { DialReadingSummary } from '../imports/dial-reading.ts';
import type { KnownDialReading } from '../imports/dial-readings-known.ts';
import { formatKwh } from '../units/energy.ts';
import { formatLocal, type Instant, type Zone } from '../units/time.ts';
import type { FlowFile } from './flow-file-store.ts';

/** What the D0010 importer's API answers, field by field. Nothing keeps when a meter was changed, so updated_at is created_at. */
export const flowFileView = z.object({
  id: z.int(),
  filename: z.string(),
  file_reference: z.string(),
  record_count: z.int(),
  imported_at: z.string(),
});
export const meterPointView = z.object({
  id: z.int(),
  mpan: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  meter_count: z.int(),
  reading_count: z.int(),
});
export const meterView = z.object({
  id: z.int(),
  mpan: z.string(),
  serial_number: z.string(),
  meter_type: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  reading_count: z.int(),
});
export const meterPointDetailView = meterPointView.extend({ meters: z.array(meterView) });
export const readingView = z.object({
  id: z.int().nullable().meta({ description: 'With as_known_at null, where nothing stands there any more' }),
  mpan: z.string(),
  meter_serial: z.string(),
  meter_type: z.string(),
  register_id: z.string(),
  reading_date: z.string(),
  reading_value: z.string().meta({ description: 'What the dial showed, with three decimals or more' }),
  reading_type: z.string(),
  flow_filename: z.string(),
  created_at: z.string(),
});
export const readingDetailView = readingView.extend({ meter: meterView, flow_file: flowFileView });
export const summaryView = z.object({
  total_readings: z.int(),
  total_meter_points: z.int(),
  total_meters: z.int(),
  date_range: z.object({ earliest: z.string().nullable(), latest: z.string().nullable() }),
  reading_types: z.record(z.string(), z.int()),
});

export function showFlowFile(file: FlowFile, zone: Zone): z.infer<typeof flowFileView> {
  const { id, filename, reference, recordCount, importedAt } = file;
  return {
    id,
    filename,
    file_reference: reference,
    record_count: recordCount,
    imported_at: stamp(importedAt, zone),
  };
}

export function showMeterPoint(point: CountedMeterPoint, zone: Zone): z.infer<typeof meterPointView> {
  const created = stamp(point.createdAt, zone);
  return {
    id: point.id,
    mpan: point.identifier,
    created_at: created,
    updated_at: created,
    meter_count: point.meterCount,
    reading_count: point.readingCount,
  };
}

export function showMeter(meter: Meter, zone: Zone): z.infer<typeof meterView> {
  const created = stamp(meter.createdAt, zone);
  return {
    id: meter.id,
    mpan: meter.identifier,
    serial_number: meter.serial,
    meter_type: meter.readingType,
    created_at: created,
    updated_at: created,
    reading_count: meter.readingCount,
  };
}

/** The date stands on the wall clock of the meter point, with its offset. */
export function showReading(reading: KnownDialReading, zone: Zone): z.infer<typeof readingView> {
  return {
    id: reading.id,
    mpan: reading.identifier,
    meter_serial: reading.serial,
    meter_type: reading.readingType,
    register_id: reading.register,
    reading_date: stamp(reading.at, reading.zone),
    reading_value: formatKwh(reading.value, 3),
    reading_type: reading.quality.toUpperCase(),
    flow_filename: reading.fileName,
    created_at: stamp(reading.receivedAt, zone),
  };
}

export function showSummary(summary: DialReadingSummary, zone: Zone): z.infer<typeof summaryView> {
  const { earliest, latest, qualities } = summary;
  return {
    total_readings: summary.readings,
    total_meter_points: summary.meterPoints,
    total_meters: summary.meters,
    date_range: {
      earliest: earliest === null ? null : stamp(earliest, zone),
      latest: latest === null ? null : stamp(latest, zone),
    },
    reading_types: Object.fromEntries(qualities.map(({ quality, count }) => [quality.toUpperCase(), count])),
  };
}

function stamp(at: Instant, zone: Zone): string {
  return formatLocal(at, zone).replace('+00:00', 'Z');
}
