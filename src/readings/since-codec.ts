import type { BitReader, BitWriter } from './bits.ts';
import type { DayBlock } from './day-block.ts';

// What stands at the end of a block when anybody noted since when its readings are current. Blocks without it are older than the notes.
const inRuns = 1;
const asDelays = 2;
// A run costs about five bytes and a delay less than one.
const runsPerReading = 8;

/**
 * Since when the readings of blocks are current. A file's readings came in one second: they are told as runs. A meter's come one by
 * one, each a little after its time: they are told as delays, day by day, in as few bits as the day needs.
 */
export function writeSinces(writer: BitWriter, blocks: readonly DayBlock[]): void {
  let runs = 0;
  let total = 0;
  let previous = 0;
  for (const { count, since } of blocks) {
    for (let i = 0; i < count; i++) {
      if (since[i] !== previous) runs += 1;
      previous = since[i]!;
    }
    total += count;
  }
  if (runs === 0) return;
  if (runs * runsPerReading <= total + runsPerReading) writeRuns(writer, blocks);
  else writeDelays(writer, blocks);
}

/** Into `since`; `offsets` are those of each block. Where nobody noted anything, nothing was written and there is nothing to read. */
export function readSinces(reader: BitReader, since: Uint32Array, offsets: readonly Uint32Array[]): void {
  if (reader.readVarint() === inRuns) readRuns(reader, since);
  else readDelays(reader, since, offsets);
}

function writeRuns(writer: BitWriter, blocks: readonly DayBlock[]): void {
  writer.writeVarint(inRuns);
  let [value, length, before] = [-1, 0, 0];
  const put = () => {
    if (length === 0) return;
    writer.writeVarint(length);
    writer.writeVarint(value >= before ? (value - before) * 2 : (before - value) * 2 - 1);
    before = value;
  };
  for (const { count, since } of blocks) {
    for (let i = 0; i < count; i++) {
      if (since[i] !== value) {
        put();
        [value, length] = [since[i]!, 0];
      }
      length += 1;
    }
  }
  put();
}

function readRuns(reader: BitReader, since: Uint32Array): void {
  const total = since.length;
  let value = 0;
  for (let start = 0; start < total; ) {
    const length = reader.readVarint();
    const step = reader.readVarint();
    if (length === 0 || start + length > total) throw new RangeError('the block has more readings than it says');
    value += step % 2 === 1 ? -(step + 1) / 2 : step / 2;
    since.fill(value, start, start + length);
    start += length;
  }
}

function writeDelays(writer: BitWriter, blocks: readonly DayBlock[]): void {
  writer.writeVarint(asDelays);
  for (const { count, since, offset } of blocks) {
    let [low, high] = [Number.POSITIVE_INFINITY, 0];
    for (let i = 0; i < count; i++) {
      const delay = delayOf(since[i]!, offset[i]!);
      if (delay < low) low = delay;
      if (delay > high) high = delay;
    }
    if (count === 0) low = 0;
    const width = bitsFor(high - low);
    writer.writeVarint(low);
    writer.writeVarint(width);
    for (let i = 0; i < count; i++) writer.write(delayOf(since[i]!, offset[i]!) - low, width);
    writer.align();
  }
}

function readDelays(reader: BitReader, since: Uint32Array, offsets: readonly Uint32Array[]): void {
  let start = 0;
  for (const offset of offsets) {
    const low = reader.readVarint();
    const width = reader.readVarint();
    if (delays.length < offset.length) delays = new Float64Array(offset.length);
    reader.readMany(width, offset.length, low, 1, delays, 0);
    for (let i = 0; i < offset.length; i++) {
      const delay = delays[i]!;
      since[start + i] = delay === 0 ? 0 : delay - 1 - daySeconds + offset[i]!;
    }
    start += offset.length;
  }
}

// One for all blocks: what is in it is used before the next block comes.
let delays = new Float64Array(96);

const daySeconds = 86_400;

/** Never below one, as an offset is less than a day; 0 for what nobody noted. */
function delayOf(since: number, offset: number): number {
  return since === 0 ? 0 : since + 1 + daySeconds - offset;
}

function bitsFor(range: number): number {
  let width = 0;
  while (2 ** width <= range) width += 1;
  return width;
}
