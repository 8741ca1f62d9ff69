import type { Format } from '../format.ts';
import { Cells, plainHeading } from './cells.ts';
import type { Profile } from './profile.ts';
import { ProfileReader } from './profile-reader.ts';
import { isHeaderOf } from './row-layout.ts';
import { encodingOf, ToUtf8 } from './text-decoder.ts';

const cellsMax = 2000;

/** The format that a profile describes. A file is known by its header row (CSV-2); one without a header has to be named. */
export function profileFormat(profile: Profile): Format {
  return laterFormat(profile, () => profile);
}

/** The same of a profile that is made when it is wanted. */
export function laterFormat({ name, title }: Pick<Profile, 'name' | 'title'>, profile: () => Profile): Format {
  const fits = (head: Uint8Array) => headingsIn(head, profile());
  return {
    name,
    title,
    looksLike: head => fits(head) > 0,
    fits,
    reader: (sink, context) => new ProfileReader(profile(), sink, context),
  };
}

/** How many headings the profile names that stand in one row of the file's beginning; 0 when one of them is not there. */
function headingsIn(head: Uint8Array, profile: Profile): number {
  const rows = linesOf(head, profile);
  const fitting = profile.tables.filter(table => rows.some(cells => isHeaderOf(table, cells)));
  return Math.max(0, ...fitting.map(({ header }) => new Set(header.map(plainHeading)).size));
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
