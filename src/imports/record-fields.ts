/** The fields of one short record as text. Long rows of values are read from bytes instead (formats/nem12-values.ts). */
export class RecordFields {
  /** Index of the last field that is not empty, plus one: padding at the end does not count (N12-6). */
  readonly count: number;
  /** A field had blanks around it; `at` gives it without them (N12-5). */
  readonly hadBlanks: boolean;
  readonly #raw: string[];
  readonly #column: number;

  /** `column` is the 1-based column at which `text` begins in its line. */
  constructor(text: string, separator: string, column = 1) {
    this.#raw = text.split(separator);
    this.#column = column;
    this.hadBlanks = /\s/.test(text) && this.#raw.some(field => field !== field.trim() && field.trim() !== '');
    let count = this.#raw.length;
    while (count > 0 && isBlank(this.#raw[count - 1]!)) count -= 1;
    this.count = count;
  }

  /** Fields sent, empty ones at the end included. */
  get sent(): number {
    return this.#raw.length;
  }

  /** The field without surrounding blanks; '' when the record ends before it. */
  at(index: number): string {
    return this.#raw[index]?.trim() ?? '';
  }

  /** Where the field begins in the line; the record's end when it is not there. */
  columnOf(index: number): number {
    let column = this.#column;
    const before = Math.min(index, this.#raw.length);
    for (let field = 0; field < before; field++) column += this.#raw[field]!.length + 1;
    return index < this.#raw.length ? column : column - 1;
  }
}

function isBlank(field: string): boolean {
  return field === '' || field.trim() === '';
}

const comma = 44;

/** Where the field that begins at `from` ends: its comma or `end`. Never looks further, however far the bytes go on without a comma. */
export function fieldEnd(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== comma) at += 1;
  return at;
}
