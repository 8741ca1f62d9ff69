import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ChannelTotal } from './import-report.ts';

const atOnce = 2000;
const createdPart = 1;
const channelsPart = 2;
const partHead = 5;
// With which zstd begins: details from before they had parts are one of two lines, of meter points and of totals.
const zstdMagic = 0x28;
const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * What is long in the report of an import as bytes: parts, each its kind, its length and the JSON of some of it, packed. All of a large
 * file's at once would be as long as the file three times over.
 */
export function packDetail(meterPointsCreated: Iterable<string>, channels: Iterable<ChannelTotal>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const some of partsOf(meterPointsCreated)) parts.push(...packed(createdPart, some));
  for (const some of partsOf(channels)) parts.push(...packed(channelsPart, columnsOf(some)));
  return Buffer.concat(parts);
}

/** The meter points of a detail, some at each step: unpacking a step takes a millisecond. */
export function* unpackCreated(detail: Uint8Array): Generator<string[]> {
  if (detail[0] === zstdMagic) yield JSON.parse(lineOf(detail, 0));
  else for (const json of unpacked(detail, createdPart)) yield JSON.parse(json);
}

/** The totals, likewise. */
export function* unpackChannels(detail: Uint8Array): Generator<ChannelTotal[]> {
  if (detail[0] === zstdMagic) yield JSON.parse(lineOf(detail, 1));
  else for (const json of unpacked(detail, channelsPart)) yield totalsOf(JSON.parse(json));
}

/** The same of what is in memory. */
export function* partsOf<T>(list: Iterable<T>): Generator<T[]> {
  let part: T[] = [];
  for (const each of list) {
    part.push(each);
    if (part.length < atOnce) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function packed(kind: number, content: unknown): [Uint8Array, Uint8Array] {
  const bytes = zstdCompressSync(JSON.stringify(content), fastest);
  const head = Buffer.alloc(partHead);
  head.writeUInt8(kind);
  head.writeUInt32LE(bytes.length, 1);
  return [head, bytes];
}

function* unpacked(detail: Uint8Array, kind: number): Generator<string> {
  const bytes = Buffer.from(detail.buffer, detail.byteOffset, detail.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const end = at + partHead + bytes.readUInt32LE(at + 1);
    if (bytes[at] === kind) yield zstdDecompressSync(bytes.subarray(at + partHead, end)).toString();
    at = end;
  }
}

function lineOf(detail: Uint8Array, line: number): string {
  return zstdDecompressSync(detail).toString().split('\n', 2)[line]!;
}

/** A list for each name of a total, with one cell where all would be the same: a fifth of the text, and of the time to write it. */
interface TotalColumns {
  count: number;
  meterPoint: string[];
  code: string[];
  meter: string[];
  kind: ChannelTotal['kind'][];
  unit: string[];
  readings: number[];
  missing: number[];
  sum: string[];
  /** The name of the only one that the readings have, or how many have which. */
  qualities: (string | ChannelTotal['qualities'])[];
}

function columnsOf(totals: readonly ChannelTotal[]): TotalColumns {
  const column = <Cell>(cellOf: (total: ChannelTotal) => Cell): Cell[] => {
    const cells = totals.map(cellOf);
    return cells.every(cell => cell === cells[0]) ? cells.slice(0, 1) : cells;
  };
  return {
    count: totals.length,
    meterPoint: column(total => total.meterPoint),
    code: column(total => total.code),
    meter: column(total => total.meter),
    kind: column(total => total.kind),
    unit: column(total => total.unit),
    readings: column(total => total.readings),
    missing: column(total => total.missing),
    sum: column(total => total.sum),
    qualities: column(({ qualities }) => {
      const [first, ...others] = Object.keys(qualities);
      return first === undefined || others.length > 0 ? qualities : first;
    }),
  };
}

function totalsOf(columns: TotalColumns): ChannelTotal[] {
  const cell = <Cell>(column: Cell[], at: number): Cell => column[column.length === 1 ? 0 : at]!;
  return Array.from({ length: columns.count }, (_, at) => {
    const readings = cell(columns.readings, at);
    const qualities = cell(columns.qualities, at);
    return {
      meterPoint: cell(columns.meterPoint, at),
      code: cell(columns.code, at),
      meter: cell(columns.meter, at),
      kind: cell(columns.kind, at),
      unit: cell(columns.unit, at),
      readings,
      missing: cell(columns.missing, at),
      sum: cell(columns.sum, at),
      qualities: typeof qualities === 'string' ? { [qualities]: readings } : qualities,
    };
  });
}
