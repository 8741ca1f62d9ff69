import { assert } from '../kernel/assert.ts';

const letterN = 110;
const letterX = 120;
const newline = 10;
const space = 32;
const comma = 44;
const minus = 45;

/** Reads what write-records.ts has written, number by number; the group's checksum says that it is that, so anything else is a broken promise. */
export class RecordCursor {
  readonly #bytes: Buffer;
  #lineAt: number;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
    this.#lineAt = at;
  }

  letter(): number {
    this.#lineAt = this.at;
    return this.#bytes[this.at++]!;
  }

  /** The number behind the next space. */
  number(): number {
    if (this.#bytes[this.at] !== space) this.fail();
    this.at += 1;
    return this.#digits();
  }

  /** As `number`, or NaN for a value that is missing. */
  value(): number {
    if (this.#bytes[this.at + 1] !== letterN) return this.number();
    this.at += 2;
    return Number.NaN;
  }

  qualityParts(): { code: number; times: number | undefined }[] {
    const parts = [];
    do {
      this.at += 1;
      const code = this.#digits();
      const isCounted = this.#bytes[this.at] === letterX;
      if (isCounted) this.at += 1;
      parts.push({ code, times: isCounted ? this.#digits() : undefined });
    } while (this.#bytes[this.at] === comma);
    return parts;
  }

  /** The text behind the next space, up to the end of the line. */
  rest(): string {
    if (this.#bytes[this.at] !== space) this.fail();
    const end = this.#bytes.indexOf(newline, this.at);
    const text = this.#bytes.toString('utf8', this.at + 1, end);
    this.at = end + 1;
    return text;
  }

  isAtLineEnd(): boolean {
    return this.#bytes[this.at] !== space;
  }

  endLine(): void {
    if (this.#bytes[this.at] !== newline) this.fail();
    this.at += 1;
  }

  fail(): never {
    const line = this.#bytes.toString('latin1', this.#lineAt, this.#lineAt + 60).split('\n')[0];
    assert(false, `a journal line is one this version wrote, not "${line}"`);
  }

  #digits(): number {
    const bytes = this.#bytes;
    let { at } = this;
    const isNegative = bytes[at] === minus;
    if (isNegative) at += 1;
    const from = at;
    let value = 0;
    for (; at < bytes.length; at++) {
      const digit = bytes[at]! - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === from) this.fail();
    this.at = at;
    return isNegative ? -value : value;
  }
}
