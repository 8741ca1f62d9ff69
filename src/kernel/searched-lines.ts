/** Lines of text, one for each id, which are searched in memory: a line's bytes and some ten more each. */
export class SearchedLines {
  readonly ids: number[] = [];
  #text = '';
  /** Where each line ends. */
  readonly #ends: number[] = [];

  /** As many lines as ids, each but the last followed by a line's end. */
  add(lines: string, ids: readonly number[]): void {
    const begin = this.#text.length;
    this.#text += `${lines}\n`;
    for (let at = this.#text.indexOf('\n', begin); at >= 0; at = this.#text.indexOf('\n', at + 1)) this.#ends.push(at);
    for (const id of ids) this.ids.push(id);
  }

  /** Adds to `found`, in order, the ids of the lines that contain `part`, to the letter. */
  find(part: string, found: number[]): void {
    // Between two lines there is a line's end.
    if (part.includes('\n')) return;
    const [text, ends] = [this.#text, this.#ends];
    let line = 0;
    for (let at = text.indexOf(part); at >= 0 && line < ends.length; at = text.indexOf(part, ends[line - 1]! + 1)) {
      while (ends[line]! < at) line += 1;
      found.push(this.ids[line]!);
      line += 1;
    }
  }
}
