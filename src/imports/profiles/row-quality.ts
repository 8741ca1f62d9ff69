import { type Quality, qualityCode } from '../../readings/reading.ts';
import { quote } from '../problem.ts';
import type { Cells } from './cells.ts';
import type { Profile } from './profile.ts';
import type { RowFindings } from './row-findings.ts';

const actual = qualityCode('actual' satisfies Quality);
const rememberedMax = 100;

/** What a row's word for its quality means (CSV-10); rows after one another mostly have the same one, which is not looked up again. */
export class RowQuality {
  readonly #codes: ReadonlyMap<string, number>;
  readonly #told: RowFindings;
  readonly #last = Buffer.alloc(rememberedMax);
  #lastLength = -1;
  #lastCode = actual;

  constructor({ quality }: Profile, told: RowFindings) {
    this.#codes = new Map(quality?.words.map(({ word, quality: means }) => [word.toLowerCase(), qualityCode(means)]));
    this.#told = told;
  }

  /** The code of the quality, -1 after it was told that the profile does not know the word. */
  of(cells: Cells, index: number): number {
    if (index < 0 || cells.isEmpty(index)) return this.#codes.get('') ?? actual;
    const { bytes, starts, ends } = cells;
    const from = starts[index]!;
    const length = ends[index]! - from;
    if (length === this.#lastLength && isAt(bytes, from, this.#last, length)) return this.#lastCode;
    const text = cells.text(index);
    const code = this.#codes.get(text.toLowerCase());
    if (code === undefined) {
      this.#told.rejectCell(index, 'CSV-10', `${quote(text)} is no quality the profile knows`);
      return -1;
    }
    this.#lastLength = length <= rememberedMax ? bytes.copy(this.#last, 0, from, from + length) : -1;
    this.#lastCode = code;
    return code;
  }
}

/** Whether the first `length` bytes of `text` stand at `at`. */
export function isAt(bytes: Buffer, at: number, text: Buffer, length = text.length): boolean {
  for (let byte = 0; byte < length; byte++) if (bytes[at + byte] !== text[byte]) return false;
  return true;
}
