import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of the trade that nobody here wrote, with what others read in them; they stand beside the project, where they are there at all. */
const data = join(import.meta.dirname, '../../../shared/data');

/** Whether `folder` is missing; a test that needs it is skipped, and says so. */
export function isAbsent(folder: string): boolean {
  const absent = !existsSync(join(data, folder));
  if (absent) console.warn(`SKIPPED: the conformance tests need ${join(data, folder)}, which is not there`);
  return absent;
}

export function readTradeFile(path: string): Buffer {
  return readFileSync(join(data, path));
}

/** The rows of an expected.csv by their column names; no cell of one holds a comma. */
export function rowsOf(path: string): Record<string, string>[] {
  const [head = '', ...lines] = readTradeFile(path).toString('utf8').trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.map(line => Object.fromEntries(line.split(',').map((value, at) => [names[at]!, value])));
}

/** Millionths of a decimal with at most six decimals. */
export function micro(decimal: string): bigint {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(decimal)!;
  const magnitude = BigInt(whole + fraction.padEnd(6, '0'));
  return sign === '-' ? -magnitude : magnitude;
}

/** "A:3 E62:1", in order. */
export function tally(each: Iterable<string>): string {
  const counts = new Map<string, number>();
  for (const what of each) counts.set(what, (counts.get(what) ?? 0) + 1);
  return [...counts]
    .map(([what, count]) => `${what}:${count}`)
    .sort()
    .join(' ');
}

export function sorted(counts: string): string {
  return counts.split(' ').sort().join(' ');
}
