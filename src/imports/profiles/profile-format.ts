import type { Format } from '../format.ts';
import { Cells } from './cells.ts';
import type { Profile } from './profile.ts';
import { ProfileReader } from './profile-reader.ts';
import { isHeaderOf } from './row-layout.ts';
import { encodingOf, ToUtf8 } from './text-decoder.ts';

const cellsMax = 2000;

/** The format that a profile describes. A file is known by its header row (CSV-2); one without a header has to be named. */
export function profileFormat(profile: Profile): Format {
  return {
    name: profile.name,
    title: profile.title,
    looksLike: head => linesOf(head, profile).some(cells => profile.tables.some(table => isHeaderOf(table, cells))),
    reader: (sink, context) => new ProfileReader(profile, sink, context),
  };
}

function linesOf(head: Uint8Array, { encoding, delimiter }: Profile): string[][] {
  const told = encodingOf(head);
  if (told !== undefined && told !== encoding) return [];
  if (told === undefined && encoding.startsWith('utf-16')) return [];
  const text = Buffer.from(new ToUtf8(encoding).push(head))
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const cells = new Cells(delimiter, cellsMax);
  return text.split(/\r?\n/).map(line => {
    const bytes = Buffer.from(line, 'utf8');
    cells.split(bytes, 0, bytes.length);
    return Array.from({ length: cells.count }, (_, index) => cells.text(index));
  });
}
