import { adviceOf, describeFlow } from './dtc/known-flows.ts';
import type { Format } from './format.ts';
import { formats } from './formats/index.ts';

import { firstLineOf, headText } from './head.ts';

export type Detection =
  | { kind: 'format'; format: Format }
  | { kind: 'zip' }
  /** Several fit equally well, and nobody here knows which is meant. */
  | { kind: 'ambiguous'; formats: Format[] }
  | { kind: 'unknown' /** "a PDF document" */; looksLike: string };

/**
 * What a file is, by its first kilobytes and never by its name (N12-2, X-10). For a file that cannot be read: what it looks like.
 * `saved` are formats that people described: they know their files better than the house does, and come first.
 */
export function detect(head: Uint8Array, saved: readonly Format[] = []): Detection {
  const magic = byMagic(head);
  if (magic === 'zip') return { kind: 'zip' };
  if (magic !== undefined) return { kind: 'unknown', looksLike: magic };
  const [first, ...others] = bestFitting(head, saved) ?? bestFitting(head, formats) ?? [];
  if (!first) return { kind: 'unknown', looksLike: describe(head) };
  return others.length === 0 ? { kind: 'format', format: first } : { kind: 'ambiguous', formats: [first, ...others] };
}

/** The first that knows the file for sure, else all of those that name most of it; undefined when none does. */
function bestFitting(head: Uint8Array, among: readonly Format[]): Format[] | undefined {
  let [best, most]: [Format[], number] = [[], 0];
  for (const format of among) {
    if (!format.fits && format.looksLike(head)) return [format];
    const fit = format.fits?.(head) ?? 0;
    if (fit > most) [best, most] = [[format], fit];
    else if (fit > 0 && fit === most) best.push(format);
  }
  return best.length > 0 ? best : undefined;
}

/** Whether the bytes begin a zip archive, be it an empty one. */
export function isZip(head: Uint8Array): boolean {
  return startsWith(head, [0x50, 0x4b, 0x03, 0x04]) || startsWith(head, [0x50, 0x4b, 0x05, 0x06]);
}

function byMagic(head: Uint8Array): string | undefined {
  // Workbooks are zips; their parts are named in the local headers at the beginning.
  if (isZip(head))
    return /\[Content_Types\]\.xml|xl\/|_rels\/\.rels/.test(headText(head))
      ? 'an Excel workbook or another Office document'
      : 'zip';
  if (startsWith(head, [0xd0, 0xcf, 0x11, 0xe0])) return 'an Excel workbook or another Office document of the old kind';
  if (startsWith(head, [0x1f, 0x8b])) return 'a gzip archive; unpack it first';
  return headText(head).startsWith('%PDF-') ? 'a PDF document' : undefined;
}

function describe(head: Uint8Array): string {
  const text = headText(head);
  const first = firstLineOf(head);
  if (first === '') return text.length === 0 ? 'an empty file' : 'a file of empty lines';
  // A profile may say that its files are UTF-16; every other format is plain.
  if (startsWith(head, [0xff, 0xfe]) || startsWith(head, [0xfe, 0xff]))
    return 'text in UTF-16; save it as UTF-8 or plain text, or import it by a profile that says so';
  if (isBinary(head)) return 'a binary file';
  const flow = /^ZHV\s*\|[^|]*\|\s*([A-Z]\d{4})\d{3}\s*\|/.exec(first)?.[1];
  if (flow !== undefined) return `a UFF flow ${describeFlow(flow)}, which is not supported: ${adviceOf(flow)}`;
  if (first.startsWith('ZHV')) return 'a UFF file whose header does not name a flow';
  if (/^100\s*,/.test(first)) return 'an MDFF file whose 100 record says neither NEM12 nor NEM13';
  if (/^<(!doctype\s+)?html/i.test(first)) return 'a web page, perhaps a login page saved in place of the file';
  if (first.startsWith('<')) return 'XML that is not a Green Button feed';
  if (/^[[{]/.test(first)) return 'JSON, which is not supported as a file';
  if (/[,;\t|]/.test(first)) return 'a table whose columns are not known';
  return 'text that is not meter data';
}

/** Control characters that no text has: below tab, or between carriage return and space. */
function isBinary(head: Uint8Array): boolean {
  return head.some(byte => byte < 9 || (byte > 13 && byte < 32));
}

function startsWith(head: Uint8Array, magic: number[]): boolean {
  return magic.every((byte, at) => head[at] === byte);
}
