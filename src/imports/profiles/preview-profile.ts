import { formatKwh, microKwh } from '../../units/energy.ts';
import { dayOf, formatLocal, type Zone } from '../../units/time.ts';
import type { FormatSink } from '../format.ts';
import type { ImportProblem } from '../problem.ts';
import { plainHeading } from './cells.ts';
import type { Column, Profile } from './profile.ts';
import { ProfileReader } from './profile-reader.ts';
import { isHeaderOf, layoutOf } from './row-layout.ts';
import { cellsOf } from './sample-table.ts';
import { ToUtf8 } from './text-decoder.ts';

export interface Preview {
  headings: string[];
  /** What each column is taken for: 'stamp', 'meter point', 'E1', '' for nothing. */
  roles: string[];
  /** First rows as they stand in the file. */
  rows: string[][];
  channels: PreviewChannel[];
  days: { day: string; code: string; energy: string; intervals: number }[];
  records: number;
  problemCount: number;
  problems: ImportProblem[];
}

interface PreviewChannel {
  meterPoint: string;
  code: string;
  flow: string;
  kind: 'interval' | 'register';
  readings: number;
  missing: number;
  /** The sum of intervals, or last less first of a register, in kWh. */
  energy: string;
  from: string;
  to: string;
}

interface Sum {
  meterPoint: string;
  code: string;
  flow: string;
  kind: 'interval' | 'register';
  readings: number;
  missing: number;
  energy: bigint;
  first: number;
  firstAt: number;
  lastAt: number;
  last: number;
}

const rowsShown = 12;
const problemsShown = 20;
const daysShown = 62;
const placeholder = 'METER-POINT';

/** What the profile makes of a sample, with totals to hold against the sender's own (CSV-4). Nothing is stored. */
export function previewProfile(
  profile: Profile,
  sample: Uint8Array,
  { siteZone, meterPoint }: { siteZone: Zone; meterPoint?: string },
): Preview {
  const sums = new Map<string, Sum>();
  const days = new Map<string, { day: string; code: string; micro: bigint; intervals: number }>();
  const problems: ImportProblem[] = [];
  let [problemCount, records] = [0, 0];
  const zone = (profile.zone === 'site' || profile.zone === 'offset' ? siteZone : profile.zone) as Zone;
  const sumOf = (of: Pick<Sum, 'meterPoint' | 'code' | 'flow' | 'kind'>, at: number): Sum => {
    const key = `${of.meterPoint}\u0000${of.code}`;
    let sum = sums.get(key);
    if (!sum) {
      sum = {
        ...of,
        readings: 0,
        missing: 0,
        energy: 0n,
        first: Number.NaN,
        firstAt: at,
        lastAt: at,
        last: Number.NaN,
      };
      sums.set(key, sum);
    }
    sum.firstAt = Math.min(sum.firstAt, at);
    sum.lastAt = Math.max(sum.lastAt, at);
    return sum;
  };
  const sink: FormatSink = {
    opened: () => undefined,
    indexRead: () => undefined,
    customer: () => undefined,
    problem: problem => {
      problemCount += 1;
      if (problems.length < problemsShown) problems.push(problem);
    },
    closed: facts => {
      records = facts.records;
    },
    intervals: ({ channel, startsAt, energies }) => {
      energies.forEach((energy, slot) => {
        const at = startsAt + slot * channel.lengthMinutes * 60;
        const sum = sumOf(
          { meterPoint: channel.meterPoint, code: channel.suffix, flow: channel.role, kind: 'interval' },
          at,
        );
        sum.readings += 1;
        const day = dayOf(at as typeof startsAt, zone);
        const key = `${day}\u0000${channel.suffix}`;
        const known = days.get(key) ?? { day, code: channel.suffix, micro: 0n, intervals: 0 };
        known.intervals += 1;
        days.set(key, known);
        if (Number.isNaN(energy)) sum.missing += 1;
        else {
          sum.energy += BigInt(energy);
          known.micro += BigInt(energy);
        }
      });
    },
    registerReading: ({ meterPoint: of, registerId: code, flow = 'from-grid', at, value }) => {
      const sum = sumOf({ meterPoint: of, code, flow, kind: 'register' }, at);
      sum.readings += 1;
      if (sum.readings === 1 || at === sum.firstAt) sum.first = value;
      if (sum.readings === 1 || at === sum.lastAt) sum.last = value;
    },
  };
  const named = meterPoint ?? (profile.meterPoint.from === 'caller' ? placeholder : undefined);
  const context = {
    strict: false,
    siteZone,
    fileName: '',
    member: '',
    ...(named !== undefined && { meterPoint: named }),
  };
  const reader = new ProfileReader(profile, sink, context);
  reader.push(sample);
  reader.end();
  return {
    ...tableOf(profile, sample),
    channels: [...sums.values()].map(sum => channelOf(sum, zone)),
    days: [...days.values()]
      .slice(0, daysShown)
      .map(({ day, code, micro, intervals }) => ({ day, code, energy: kwh(micro), intervals })),
    records,
    problemCount,
    problems,
  };
}

function channelOf({ energy, first, last, firstAt, lastAt, ...sum }: Sum, zone: Zone): PreviewChannel {
  return {
    ...sum,
    energy: kwh(sum.kind === 'interval' ? energy : BigInt(last - first)),
    from: formatLocal(firstAt as Parameters<typeof formatLocal>[0], zone),
    to: formatLocal(lastAt as Parameters<typeof formatLocal>[0], zone),
  };
}

function kwh(micro: bigint): string {
  return formatKwh(microKwh(Number(micro)), 3);
}

/** The first rows, and what each column is taken for. */
function tableOf(profile: Profile, sample: Uint8Array): Pick<Preview, 'headings' | 'roles' | 'rows'> {
  const text = Buffer.from(new ToUtf8(profile.encoding).push(sample))
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const lines = text.split(/\r?\n/, 200).map(line => cellsOf(line, profile.delimiter));
  const [table] = profile.tables;
  const at = lines.findIndex(cells => profile.tables.some(each => isHeaderOf(each, cells)));
  const found = at < 0 ? table! : profile.tables.find(each => isHeaderOf(each, lines[at]!))!;
  const headings = at < 0 ? [] : lines[at]!;
  const rows = lines.slice(at < 0 ? profile.skipLines : at + 1 + profile.skipAfterHeader).slice(0, rowsShown);
  const layout = layoutOf(profile, found, headings);
  const width = Math.max(headings.length, ...rows.map(cells => cells.length), 0);
  const roles = new Array<string>(width).fill('');
  if (typeof layout === 'string') return { headings, roles, rows };
  const put = (index: number, role: string) => {
    if (index >= 0 && index < width) roles[index] = role;
  };
  layout.values.forEach(({ index, column }) => {
    for (let slot = 0; slot < (profile.day?.columns ?? 1); slot++) put(index + slot, column.channel?.code ?? 'energy');
  });
  put(layout.stamp, 'stamp');
  put(layout.time, 'time');
  put(layout.until, 'end');
  put(layout.untilTime, 'end');
  put(layout.duration, 'length');
  put(layout.quality, 'quality');
  put(layout.owner.meterPoint, 'meter point');
  put(layout.owner.serial, 'serial');
  put(layout.owner.channel, 'channel');
  if (profile.meterPoint.from === 'heading') put(indexOf(profile.meterPoint.column, headings), 'meter point');
  return { headings, roles, rows };
}

function indexOf(column: Column, headings: string[]): number {
  return typeof column === 'number' ? -1 : headings.map(plainHeading).indexOf(plainHeading(column));
}
