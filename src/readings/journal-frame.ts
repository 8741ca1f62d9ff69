import { crc32 } from 'node:zlib';

/**
 * How the journal is written down. A file is a header line and then groups; a group is what one sync made durable:
 *
 *   wattledger-journal 1 2026-11-21
 *   #42 9f3a2c1b 73 5d0e11aa      sequence, checksum of the group before, bytes that follow, checksum
 *   v 17 1795257000 123456000 0 0 3 0 0 1795257003 0
 *
 * It is text so that people can read what happened. The file that is being written has zeros behind its last group. Each group carries
 * the checksum of the one before it: a group that is missing, altered or moved is found, and a torn tail can be told from damage in the
 * middle.
 */
export interface Group {
  sequence: number;
  previous: number;
  checksum: number;
  /** The records; part of the bytes it was read from. */
  body: Buffer;
  /** Byte offset of the end of the group in its file. */
  end: number;
}

/** The first line of the file of a UTC day, with its end. */
export function fileHeader(day: string): string {
  return `wattledger-journal 1 ${day}\n`;
}

/** The bytes of one group, and its checksum for the next one. */
export function frameGroup(
  sequence: number,
  previous: number,
  records: string | Uint8Array,
): { bytes: Buffer; checksum: number } {
  const body = typeof records === 'string' ? Buffer.from(records, 'utf8') : records;
  const head = `#${sequence} ${hex(previous)} ${body.length}`;
  const checksum = crc32(body, crc32(head));
  return { bytes: Buffer.concat([Buffer.from(`${head} ${hex(checksum)}\n`), body]), checksum };
}

const headPattern = /^#(\d{1,15}) ([0-9a-f]{8}) (\d{1,9}) ([0-9a-f]{8})$/;
/** With its newline. */
export const headBytesMax = 60;

/** The group that begins at `offset`, or undefined when the bytes there are not one whole, unaltered group. */
export function readGroup(bytes: Buffer, offset: number): Group | undefined {
  const newline = bytes.indexOf(10, offset);
  if (newline < 0 || newline - offset > headBytesMax) return undefined;
  const match = headPattern.exec(bytes.toString('latin1', offset, newline));
  if (!match) return undefined;
  const end = newline + 1 + Number(match[3]);
  if (end > bytes.length) return undefined;
  const body = bytes.subarray(newline + 1, end);
  const checksum = crc32(body, crc32(`#${match[1]} ${match[2]} ${match[3]}`));
  if (checksum !== Number.parseInt(match[4]!, 16)) return undefined;
  return {
    sequence: Number(match[1]),
    previous: Number.parseInt(match[2]!, 16),
    checksum,
    body,
    end,
  };
}

/**
 * The offset of the first whole group at or after `offset`, or undefined: what is left is a torn tail. The byte before it may be
 * anything: when the end of a group is damaged, the whole one behind it must still be found.
 */
export function findGroup(bytes: Buffer, offset: number): number | undefined {
  for (let at = bytes.indexOf(35, offset); at >= 0; at = bytes.indexOf(35, at + 1)) {
    if (readGroup(bytes, at)) return at;
  }
  return undefined;
}

/** Where the zeros begin that were written ahead of the tail; no group ends with one. */
export function endOfGroups(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}
