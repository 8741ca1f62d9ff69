import { csvLine } from '../kernel/csv.ts';
import { Slices } from '../kernel/slices.ts';
import { qualities } from '../readings/reading.ts';
import type { ChannelTotal } from './import-report.ts';
import type { ReportedRun } from './import-run.ts';

/** A page of the totals of a run, and how many there are: none before it is over. In slices. */
export async function listChannels(
  { report }: ReportedRun,
  limit: number,
  offset: number,
): Promise<{ data: ChannelTotal[]; total: number }> {
  const slices = new Slices();
  const data: ChannelTotal[] = [];
  let passed = 0;
  for (const some of report?.eachChannels() ?? []) {
    data.push(...some.slice(Math.max(0, offset - passed)).slice(0, limit - data.length));
    passed += some.length;
    if (data.length === limit) break;
    await slices.pause();
  }
  return { data, total: report?.channelCount ?? 0 };
}

/** All of them as CSV, in parts; a quality that no reading of a channel has is 0. */
export async function* channelsCsv({ report }: ReportedRun): AsyncGenerator<string> {
  const slices = new Slices();
  yield csvLine(['meter_point', 'code', 'meter', 'kind', 'readings', 'missing', 'sum', 'unit', ...qualities]);
  for (const some of report?.eachChannels() ?? []) {
    const lines = some.map(({ meterPoint, code, meter, kind, readings, missing, sum, unit, qualities: of }) =>
      csvLine([
        ...[meterPoint, code, meter, kind, readings, missing, sum, unit],
        ...qualities.map(quality => of[quality] ?? 0),
      ]),
    );
    yield lines.join('');
    await slices.pause();
  }
}
