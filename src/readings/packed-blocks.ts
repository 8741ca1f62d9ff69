import { DayBlock } from './day-block.ts';
import type { OriginTable } from './origin.ts';
import { qualities, qualityCode } from './reading.ts';
import { daysMax } from './reading-day-id.ts';
import type { ChangedBlock } from './resident-blocks.ts';

// Of an origin, in a row: minutes, quality, source, line, version.
const originWidth = 5;

/**
 * Blocks as a few arrays, which another thread can be handed at once: all of their readings, one block after the other. The arrays may
 * be longer than what is in them, so that they can be used again.
 */
export interface PackedBlocks {
  blocks: number;
  /** As in reading-day-id.ts. */
  ids: Float64Array<ArrayBuffer>;
  counts: Uint32Array<ArrayBuffer>;
  readings: Pick<DayBlock, 'value' | 'offset' | 'origin' | 'since'>;
  /** What `origin` counts. */
  origins: Float64Array<ArrayBuffer>;
}

/** Copies them, into `spare` as far as they fit: they may be changed afterwards. */
export function packBlocks(blocks: readonly ChangedBlock[], origins: OriginTable, spare?: PackedBlocks): PackedBlocks {
  const total = blocks.reduce((sum, { block }) => sum + block.count, 0);
  const into: PackedBlocks = {
    blocks: blocks.length,
    ids: spare && spare.ids.length >= blocks.length ? spare.ids : new Float64Array(blocks.length),
    counts: spare && spare.counts.length >= blocks.length ? spare.counts : new Uint32Array(blocks.length),
    readings: spare && spare.readings.value.length >= total ? spare.readings : columnsOf(total),
    origins: spare?.origins ?? new Float64Array(blocks.length * originWidth),
  };
  const to: Place = { block: 0, reading: 0, origin: 0 };
  for (const changed of blocks) packBlock(changed, origins, into, to);
  return into;
}

/** Where the next ones go. */
interface Place {
  block: number;
  reading: number;
  origin: number;
}

// A function for each block: one loop over thousands, called once a flush, is left to the interpreter.
function packBlock({ seriesId, day, block }: ChangedBlock, origins: OriginTable, into: PackedBlocks, to: Place): void {
  const { count, origin: ids } = block;
  const { value, offset, origin, since } = into.readings;
  value.set(part(block.value, count), to.reading);
  offset.set(part(block.offset, count), to.reading);
  since.set(part(block.since, count), to.reading);
  for (let from = 0; from < count; ) {
    const id = ids[from]!;
    let end = from + 1;
    while (end < count && ids[end] === id) end += 1;
    origin.fill(to.origin, to.reading + from, to.reading + end);
    putOrigin(into, to.origin++, id, origins);
    from = end;
  }
  into.ids[to.block] = seriesId * daysMax + day;
  into.counts[to.block] = count;
  to.block += 1;
  to.reading += count;
}

function columnsOf(total: number): PackedBlocks['readings'] {
  const { value, offset, origin, since } = new DayBlock(Math.max(total, 1));
  return { value, offset, origin, since };
}

/** Most blocks are full, and another view of each column would take longer than copying it. */
function part<T extends Float64Array | Uint32Array>(column: T, count: number): T {
  return (column.length === count ? column : column.subarray(0, count)) as T;
}

function putOrigin(into: PackedBlocks, row: number, id: number, origins: OriginTable): void {
  const at = row * originWidth;
  if (at === into.origins.length) into.origins = longer(into.origins);
  const { origins: rows } = into;
  const { minutes, quality, source, line, versionAt } = origins.get(id);
  rows[at] = minutes;
  rows[at + 1] = qualityCode(quality);
  rows[at + 2] = source;
  rows[at + 3] = line;
  rows[at + 4] = versionAt;
}

function longer(rows: Float64Array): Float64Array<ArrayBuffer> {
  const twice = new Float64Array(rows.length * 2);
  twice.set(rows);
  return twice;
}

/** The buffers to be handed over, each once. */
export function buffersOf({ ids, counts, readings, origins }: PackedBlocks): ArrayBuffer[] {
  const all = [ids, counts, readings.value, readings.offset, readings.origin, readings.since, origins];
  return [...new Set(all.map(({ buffer }) => buffer).filter(buffer => buffer instanceof ArrayBuffer))];
}

/** Calls `visit` for each block, which is another one's when it returns: views of each would be all that the thread's collector does. */
export function unpackBlocks(packed: PackedBlocks, visit: (id: number, block: DayBlock) => void): void {
  const block = new DayBlock();
  for (let at = 0, from = 0; at < packed.blocks; at++) {
    const count = packed.counts[at]!;
    unpackBlock(packed.readings, from, count, block);
    visit(packed.ids[at]!, block);
    from += count;
  }
}

function unpackBlock(
  { value, offset, origin, since }: PackedBlocks['readings'],
  from: number,
  count: number,
  into: DayBlock,
): void {
  into.count = 0;
  into.reserve(count);
  into.count = count;
  for (let at = 0; at < count; at++) {
    into.value[at] = value[from + at]!;
    into.offset[at] = offset[from + at]!;
    into.origin[at] = origin[from + at]!;
    into.since[at] = since[from + at]!;
  }
}

/** What the blocks' `origin` means. */
export function originsOf({ origins }: PackedBlocks): Pick<OriginTable, 'get' | 'minutesOf'> {
  return {
    minutesOf: id => origins[id * originWidth]!,
    get: id => ({
      minutes: origins[id * originWidth]!,
      quality: qualities[origins[id * originWidth + 1]!]!,
      source: origins[id * originWidth + 2]!,
      line: origins[id * originWidth + 3]!,
      versionAt: origins[id * originWidth + 4]!,
    }),
  };
}
