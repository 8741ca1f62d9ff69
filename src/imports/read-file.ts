import { readParts } from '../kernel/files.ts';
import { readAhead } from '../kernel/read-ahead.ts';
import type { Zone } from '../units/time.ts';
import { type Detection, detect } from './detect.ts';
import type { Format, FormatReader, FormatSink } from './format.ts';
import { type ImportProblem, problemAt } from './problem.ts';
import { readZip } from './zip.ts';

export interface FileSource {
  /** Where its bytes are. */
  path: string;
  name: string;
  size: number;
}

/** A file, or one member of a zip. */
export interface MemberSource {
  /** "archive.zip!member", '' for a plain file. */
  member: string;
  /** The file's or the member's own name. */
  name: string;
  /** Each is good until the next one is asked for. */
  chunks: AsyncIterable<Uint8Array>;
  /** How many bytes of the file stand for one of its own. */
  packing: number;
}

export interface ReadOptions {
  strict: boolean;
  siteZone: Zone;
  /** What the file is of, when somebody said so. */
  meterPoint?: string;
  /** What it is read as, when somebody said so. */
  format?: Format;
  /** Formats that people described, for files that none of the house's own knows. */
  saved?: readonly Format[];
}

/** Where what a member says goes, portion after portion. */
export interface MemberReader {
  sink: FormatSink;
  /** Called between portions, when `bytes` more of the file are read: the reader waits for it, and ends at once when it says false. */
  drain(bytes: number): Promise<boolean>;
}

// Enough for a format to know itself.
const headBytes = 8192;
// A portion of text is parsed in a few milliseconds.
const portionBytes = 128 * 1024;

/** The members of a zip one after the other, or the file itself. Throws the Refusals of readZip. */
export async function* membersOf(
  { path, name, size }: FileSource,
  onProblem: (problem: ImportProblem) => void,
): AsyncGenerator<MemberSource> {
  const parts: Uint8Array[] = [];
  for await (const part of readParts(path, headBytes)) parts.push(part);
  if (detect(Buffer.concat(parts)).kind !== 'zip') {
    yield { member: '', name, chunks: readAhead(path), packing: 1 };
    return;
  }
  let members = 0;
  for await (const member of readZip(path, name, onProblem)) {
    members += 1;
    yield member;
  }
  if (members === 0 && size > 0) {
    const says = 'the archive holds no file that can be read';
    onProblem(problemAt('', 0, { rule: 'N12-3', severity: 'error', says, action: 'rejected' }));
  }
}

/**
 * Reads a member from its first byte to its last by its content and returns the name of its format. What no format knows is a problem
 * that says what it looks like, and undefined.
 */
export async function readMember(
  { member, name, chunks, packing }: MemberSource,
  options: ReadOptions,
  { sink, drain }: MemberReader,
): Promise<string | undefined> {
  let detection: Detection | undefined;
  let reader: FormatReader | undefined;
  for await (const chunk of withHead(chunks)) {
    if (!detection) {
      detection = options.format
        ? { kind: 'format', format: options.format }
        : detect(chunk.subarray(0, headBytes), options.saved);
      if (detection.kind === 'format') reader = detection.format.reader(sink, { ...options, fileName: name, member });
      else sink.problem(unknownFile(member, detection));
    }
    for (let from = 0; from < chunk.length; from += portionBytes) {
      const portion = chunk.subarray(from, from + portionBytes);
      // What no format knows is read to its end all the same: the checksum of a zip's member tells whether the archive is whole.
      reader?.push(portion);
      if (!(await drain(portion.length * packing))) return undefined;
    }
  }
  for (const _ of reader?.rest?.() ?? []) if (!(await drain(0))) return undefined;
  reader?.end();
  await drain(0);
  return detection?.kind === 'format' ? detection.format.name : undefined;
}

function unknownFile(member: string, detection: Exclude<Detection, { kind: 'format' }>): ImportProblem {
  const says =
    detection.kind === 'ambiguous'
      ? `the headings fit ${detection.formats.map(({ name }) => name).join(' and ')} alike: say by which profile it is read, or let one of them name more headings`
      : `no format knows this file: it looks like ${detection.kind === 'unknown' ? detection.looksLike : 'a zip inside a zip'}`;
  return problemAt(member, 0, { rule: 'X-10', severity: 'error', says, action: 'rejected' });
}

/** The same bytes, the first portion long enough to be detected by; one empty portion of an empty file. */
async function* withHead(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    if (bytes >= headBytes) {
      yield chunk;
      continue;
    }
    bytes += chunk.length;
    if (parts.length === 0 && bytes >= headBytes) {
      yield chunk;
      continue;
    }
    parts.push(Buffer.from(chunk));
    if (bytes >= headBytes) yield Buffer.concat(parts);
  }
  if (bytes < headBytes) yield Buffer.concat(parts);
}
