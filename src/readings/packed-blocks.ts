import { DayBlock } from './day-block.ts';
import type { Origin, OriginTable } from './origin.ts';
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
  const [total, runs] = sizeOf(blocks);
  const into: PackedBlocks = {
    blocks: blocks.length,
    ids: spare && spare.ids.length >= blocks.length ? spare.ids : new Float64Array(blocks.length),
    counts: spare && spare.counts.length >= blocks.length ? spare.counts : new Uint32Array(blocks.length),
    readings: spare && spare.readings.value.length >= total ? spare.readings : columnsOf(total),
    origins: spare && spare.origins.length >= runs * originWidth ? spare.origins : new Float64Array(runs * originWidth),
  };
  const { value, offset, origin, since } = into.readings;
  let [run, to] = [-1, 0];
  for (let at = 0; at < blocks.length; at++) {
    const { seriesId, day, block } = blocks[at]!;
    const { count, value: values, offset: offsets, origin: ids, since: sinces } = block;
    into.ids[at] = seriesId * daysMax + day;
    into.counts[at] = count;
    let known = -1;
    for (let each = 0; each < count; each++, to++) {
      const id = ids[each]!;
      if (id !== known) putOrigin(into.origins, ++run, origins.get(id));
      known = id;
      value[to] = values[each]!;
      offset[to] = offsets[each]!;
      origin[to] = run;
      since[to] = sinces[each]!;
    }
  }
  return into;
}

function columnsOf(total: number): PackedBlocks['readings'] {
  const { value, offset, origin, since } = new DayBlock(Math.max(total, 1));
  return { value, offset, origin, since };
}

/** Readings, and runs of them that have one origin. */
function sizeOf(blocks: readonly ChangedBlock[]): [total: number, runs: number] {
  let [total, runs] = [0, 0];
  for (const { block } of blocks) {
    const { count, origin } = block;
    total += count;
    let known = -1;
    for (let each = 0; each < count; each++) {
      if (origin[each] !== known) runs += 1;
      known = origin[each]!;
    }
  }
  return [total, runs];
}

function putOrigin(into: Float64Array, run: number, { minutes, quality, source, line, versionAt }: Origin): void {
  const at = run * originWidth;
  into[at] = minutes;
  into[at + 1] = qualityCode(quality);
  into[at + 2] = source;
  into[at + 3] = line;
  into[at + 4] = versionAt;
}

/** The buffers to be handed over, each once. */
export function buffersOf({ ids, counts, readings, origins }: PackedBlocks): ArrayBuffer[] {
  const all = [ids, counts, readings.value, readings.offset, readings.origin, readings.since, origins];
  return [...new Set(all.map(({ buffer }) => buffer).filter(buffer => buffer instanceof ArrayBuffer))];
}

/** Calls `visit` for each block, in the memory of all of them. */
export function unpackBlocks(packed: PackedBlocks, visit: (id: number, block: DayBlock) => void): void {
  const { value, offset, origin, since } = packed.readings;
  for (let at = 0, from = 0; at < packed.blocks; at++) {
    const to = from + packed.counts[at]!;
    const [values, offsets] = [value.subarray(from, to), offset.subarray(from, to)];
    visit(packed.ids[at]!, DayBlock.over(values, offsets, origin.subarray(from, to), since.subarray(from, to)));
    from = to;
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
