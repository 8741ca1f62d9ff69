import { NumberReader } from '../profiles/number-cell.ts';
import { isAt } from '../profiles/row-quality.ts';
import { StampReader } from '../profiles/stamp-pattern.ts';

const comma = 44;
const wallLength = '2026-11-21T10:10:00'.length;
const [digit2, digit4] = [50, 52];

/**
 * A row of a file of our own whose next ones differ from it in time and value alone, as nearly all of a channel do: the others of its
 * cells are compared as bytes and not read again.
 */
export class KnownRow {
  at = 0;
  /** Micro-kWh. */
  value = 0;
  readonly #timeCell: number;
  readonly #valueCell: number;
  readonly #stamp = new StampReader('yyyy-MM-ddTHH:mm:ss');
  readonly #number = new NumberReader({ decimal: '.', thousands: '', missing: [] }, 'kWh');
  /** The cells before the time, between time and value, and after the value, each with its commas; undefined: no row is known. */
  #cells: { before: Buffer; zone: Buffer; between: Buffer; after: Buffer } | undefined;
  /** Of the clock that stamps are in, seconds. */
  #offset = 0;

  /** Which cells have the time and the value, counted from 0. */
  constructor(timeCell: number, valueCell: number) {
    this.#timeCell = timeCell;
    this.#valueCell = valueCell;
  }

  forget(): void {
    this.#cells = undefined;
  }

  /** A row that was read and is right, with its instant. */
  remember(text: string, at: number): void {
    // A comma within quotation marks is none.
    if (text.includes('"')) return;
    const cells = text.split(',');
    const [timeCell, valueCell] = [this.#timeCell, this.#valueCell];
    const wall = Buffer.from(cells[timeCell]!);
    if (!this.#stamp.read(wall, 0, wallLength) || this.#stamp.next !== wallLength) return;
    this.#offset = this.#stamp.wall - at;
    const joined = (from: number, to: number) => cells.slice(from, to).map(cell => `${cell},`);
    this.#cells = {
      before: Buffer.from(joined(0, timeCell).join('')),
      zone: wall.subarray(wallLength),
      between: Buffer.from(`,${joined(timeCell + 1, valueCell).join('')}`),
      after: Buffer.from(`,${cells.slice(valueCell + 1).join(',')}`),
    };
  }

  /** Whether bytes [start, end) are another such row; what differs stands in `at` and `value` then. */
  reads(bytes: Buffer, start: number, end: number): boolean {
    const cells = this.#cells;
    if (!cells) return false;
    const { before, zone, between, after } = cells;
    const stampAt = start + before.length;
    const zoneAt = stampAt + wallLength;
    const valueAt = zoneAt + zone.length + between.length;
    const valueEnd = end - after.length;
    if (valueEnd <= valueAt || !isAt(bytes, start, before) || !isAt(bytes, zoneAt, zone)) return false;
    if (!isAt(bytes, zoneAt + zone.length, between)) return false;
    if (!isAt(bytes, valueEnd, after) || bytes.subarray(valueAt, valueEnd).includes(comma)) return false;
    const stamp = this.#stamp;
    if (!stamp.read(bytes, stampAt, zoneAt) || stamp.next !== zoneAt) return false;
    // 24:00 is another way to write midnight, which is looked at slowly.
    if (bytes[stampAt + 11] === digit2 && bytes[stampAt + 12] === digit4) return false;
    const number = this.#number;
    if (!number.read(bytes, valueAt, valueEnd) || Number.isNaN(number.value) || number.rounded) return false;
    [this.at, this.value] = [stamp.wall - this.#offset, number.value];
    return true;
  }
}
