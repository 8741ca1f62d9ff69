import { NumberReader } from '../profiles/number-cell.ts';
import { isAt } from '../profiles/row-quality.ts';
import { StampReader } from '../profiles/stamp-pattern.ts';

const comma = 44;
const stampLength = '2026-11-21T10:10:00Z'.length;
const letterZ = 90;
const [digit2, digit4] = [50, 52];

/**
 * A row of an export of readings whose next ones differ from it in time and value alone, as nearly all of a channel do: the others of
 * its cells are compared as bytes and not read again.
 */
export class KnownRow {
  at = 0;
  /** Micro-kWh. */
  value = 0;
  readonly #stamp = new StampReader('yyyy-MM-ddTHH:mm:ss');
  readonly #number = new NumberReader({ decimal: '.', thousands: '', missing: [] }, 'kWh');
  /** The cells before the time, between time and value, and after the value, each with its commas; undefined: no row is known. */
  #cells: { before: Buffer; between: Buffer; after: Buffer } | undefined;

  forget(): void {
    this.#cells = undefined;
  }

  /** A row that was read and is right. */
  remember(text: string): void {
    // A comma within quotation marks is none.
    if (text.includes('"')) return;
    const cells = text.split(',');
    const joined = (from: number, to: number) => cells.slice(from, to).join(',');
    this.#cells = {
      before: Buffer.from(`${joined(0, 6)},`),
      between: Buffer.from(`,${joined(7, 8)},`),
      after: Buffer.from(`,${joined(9, cells.length)}`),
    };
  }

  /** Whether bytes [start, end) are another such row; what differs stands in `at` and `value` then. */
  reads(bytes: Buffer, start: number, end: number): boolean {
    const cells = this.#cells;
    if (!cells) return false;
    const { before, between, after } = cells;
    const stampAt = start + before.length;
    const valueAt = stampAt + stampLength + between.length;
    const valueEnd = end - after.length;
    if (valueEnd <= valueAt || !isAt(bytes, start, before) || !isAt(bytes, stampAt + stampLength, between))
      return false;
    if (!isAt(bytes, valueEnd, after) || bytes.subarray(valueAt, valueEnd).includes(comma)) return false;
    const z = stampAt + stampLength - 1;
    const stamp = this.#stamp;
    if (bytes[z] !== letterZ || !stamp.read(bytes, stampAt, z) || stamp.next !== z) return false;
    // 24:00 is another way to write midnight, which is looked at slowly.
    if (bytes[stampAt + 11] === digit2 && bytes[stampAt + 12] === digit4) return false;
    const number = this.#number;
    if (!number.read(bytes, valueAt, valueEnd) || Number.isNaN(number.value) || number.rounded) return false;
    [this.at, this.value] = [stamp.wall, number.value];
    return true;
  }
}
