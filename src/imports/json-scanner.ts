/** Where a value stands: the names and numbers that lead to it, "energy", "values", 3, "date". */
export type JsonPath = readonly (string | number)[];

export interface JsonHandler {
  /** A string (without its marks), a number or literal as it was written; line and column of its first character, 1-based. */
  leaf(path: JsonPath, kind: 'string' | 'number' | 'literal', text: string, line: number, column: number): void;
  /** The object or list at that path is over. */
  closed(path: JsonPath): void;
  /** The text stops being JSON here; nothing follows. */
  broken(says: string, line: number, column: number): void;
}

const depthMax = 32;
const textMax = 4096;
const literal = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

type Expects = 'value' | 'value-or-end' | 'name' | 'name-or-end' | 'colon' | 'comma-or-end' | 'nothing';

/**
 * Reads JSON portion by portion and keeps nothing but the way to where it is: a log of months costs no memory, numbers keep every
 * decimal they were written with, and each value knows its line and column.
 */
export class JsonScanner {
  readonly #handler: JsonHandler;
  // Leaves off a byte order mark at the beginning; one further on is no blank, and JSON.parse refuses it, too.
  readonly #decoder = new TextDecoder('utf-8');
  readonly #path: (string | number)[] = [];
  readonly #lists: boolean[] = [];
  #expects: Expects = 'value';
  /** The token that is being read: its kind, text and place. */
  #reading: 'nothing' | 'string' | 'escape' | 'bare' = 'nothing';
  #text = '';
  #tokenLine = 0;
  #tokenColumn = 0;
  #line = 1;
  #column = 0;
  #broken = false;

  constructor(handler: JsonHandler) {
    this.#handler = handler;
  }

  get lines(): number {
    return this.#line;
  }

  push(chunk: Uint8Array): void {
    this.#take(this.#decoder.decode(chunk, { stream: true }));
  }

  end(): void {
    this.#take(this.#decoder.decode());
    if (this.#reading === 'bare') this.#finishBare();
    if (!this.#broken && (this.#expects !== 'nothing' || this.#reading !== 'nothing'))
      this.#break('the file ends in the middle of its JSON: it may be cut off');
  }

  #take(text: string): void {
    for (const letter of text) {
      if (this.#broken) return;
      if (letter === '\n') {
        this.#line += 1;
        this.#column = 0;
      } else this.#column += 1;
      this.#letter(letter);
    }
  }

  #letter(letter: string): void {
    if (this.#reading === 'string' || this.#reading === 'escape') {
      this.#inString(letter);
      return;
    }
    if (this.#reading === 'bare') {
      if (/[\w.+-]/.test(letter)) {
        this.#grow(letter);
        return;
      }
      this.#finishBare();
      if (this.#broken) return;
    }
    if (letter === ' ' || letter === '\n' || letter === '\r' || letter === '\t') return;
    this.#structure(letter);
  }

  #structure(letter: string): void {
    const expects = this.#expects;
    const wantsValue = expects === 'value' || expects === 'value-or-end';
    const wantsName = expects === 'name' || expects === 'name-or-end';
    if (letter === '"' && (wantsValue || wantsName)) this.#begin('string', '');
    else if ((letter === '{' || letter === '[') && wantsValue) this.#descend(letter === '[');
    else if (
      letter === '}' &&
      (expects === 'name-or-end' || expects === 'comma-or-end') &&
      this.#lists.at(-1) === false
    )
      this.#ascend();
    else if (
      letter === ']' &&
      (expects === 'value-or-end' || expects === 'comma-or-end') &&
      this.#lists.at(-1) === true
    )
      this.#ascend();
    else if (letter === ':' && expects === 'colon') this.#expects = 'value';
    else if (letter === ',' && expects === 'comma-or-end') this.#next();
    else if (wantsValue && /[-\dtfn]/.test(letter)) this.#begin('bare', letter);
    else this.#break('this is not JSON');
  }

  #next(): void {
    const isList = this.#lists.at(-1)!;
    if (isList) this.#path[this.#path.length - 1] = Number(this.#path.at(-1)) + 1;
    else this.#path.pop();
    this.#expects = isList ? 'value' : 'name';
  }

  #descend(isList: boolean): void {
    if (this.#lists.length === depthMax) {
      this.#break(`JSON more than ${depthMax} levels deep is not read`);
      return;
    }
    this.#lists.push(isList);
    if (isList) this.#path.push(0);
    this.#expects = isList ? 'value-or-end' : 'name-or-end';
  }

  #ascend(): void {
    const isList = this.#lists.pop()!;
    // Of an empty object no name is on the path.
    if (isList || this.#expects === 'comma-or-end') this.#path.pop();
    this.#handler.closed(this.#path);
    this.#expects = this.#lists.length === 0 ? 'nothing' : 'comma-or-end';
  }

  #begin(reading: 'string' | 'bare', text: string): void {
    this.#reading = reading;
    this.#text = text;
    this.#tokenLine = this.#line;
    this.#tokenColumn = this.#column;
  }

  #inString(letter: string): void {
    if (this.#reading === 'escape') {
      this.#reading = 'string';
      this.#grow(letter);
    } else if (letter === '\\') {
      this.#reading = 'escape';
      this.#grow(letter);
    } else if (letter === '"') {
      this.#reading = 'nothing';
      this.#finishString();
    } else if (letter < ' ') this.#break('a text is not closed on its line');
    else this.#grow(letter);
  }

  #grow(letter: string): void {
    if (this.#text.length >= textMax) this.#break(`a text of more than ${textMax} letters is not read`);
    else this.#text += letter;
  }

  #finishString(): void {
    const text = this.#text.includes('\\') ? withoutEscapes(this.#text) : this.#text;
    if (text === undefined) this.#break('the text has an escape that JSON does not know');
    else if (this.#expects === 'name' || this.#expects === 'name-or-end') {
      this.#path.push(text);
      this.#expects = 'colon';
    } else this.#leaf('string', text);
  }

  #finishBare(): void {
    this.#reading = 'nothing';
    if (literal.test(this.#text)) this.#leaf(/^[tfn]/.test(this.#text) ? 'literal' : 'number', this.#text);
    else this.#break('this is not JSON');
  }

  #leaf(kind: 'string' | 'number' | 'literal', text: string): void {
    this.#expects = this.#lists.length === 0 ? 'nothing' : 'comma-or-end';
    this.#handler.leaf(this.#path, kind, text, this.#tokenLine, this.#tokenColumn);
  }

  #break(says: string): void {
    this.#broken = true;
    this.#reading = 'nothing';
    this.#handler.broken(says, this.#line, Math.max(1, this.#column));
  }
}

function withoutEscapes(text: string): string | undefined {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return undefined; // SyntaxError is how JSON.parse says "no such escape"
  }
}
