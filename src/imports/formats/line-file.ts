import { instant } from '../../units/time.ts';
import { Findings } from '../findings.ts';
import type { FileHeader, FormatContext, FormatReader, FormatSink } from '../format.ts';
import { type LineEnding, type LineHandler, LineScanner } from '../line-scanner.ts';
import { cut, type Finding } from '../problem.ts';

/** What a line of a simple file says: a record that was emitted, something wrong with it, or nothing of interest. */
export type LineVerdict = 'record' | 'skipped' | Finding;

/** What a format may do besides reading a line's text. */
export interface LineFileMore {
  /** Tried first, on the bytes: true when it took the line, which is a record then. */
  quickly?(bytes: Buffer, start: number, end: number, line: number): boolean;
  /** Hands on what was gathered, after the last line. */
  finish?(): void;
}

/** Reads files in which every line stands for itself and that have neither wrapper nor trailer. */
export class LineFileReader implements FormatReader, LineHandler {
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #read: (text: string, line: number, findings: Findings) => LineVerdict;
  readonly #more: LineFileMore;
  readonly #scanner = new LineScanner(this);
  readonly #header: FileHeader;
  #records = 0;
  #opened = false;

  /** `flow` names the kind of file in the report. `read` handles one line that is not empty. */
  constructor(
    sink: FormatSink,
    context: FormatContext,
    flow: string,
    read: (text: string, line: number, findings: Findings) => LineVerdict,
    more: LineFileMore = {},
  ) {
    this.#sink = sink;
    this.#findings = new Findings(sink, context);
    this.#read = read;
    this.#more = more;
    this.#header = {
      reference: '',
      flow,
      sender: '',
      receiver: '',
      createdAt: instant(0),
      testFlag: '',
      isTest: false,
    };
  }

  push(chunk: Uint8Array): void {
    this.#open();
    this.#scanner.push(chunk);
  }

  end(): void {
    this.#open();
    this.#scanner.end();
    this.#more.finish?.();
    const { errors, warnings } = this.#findings;
    // Nothing in such a file says where it ends.
    const facts = { complete: true, lines: this.#scanner.lines, records: this.#records, errors, warnings };
    this.#sink.closed({ ...this.#header, ...facts });
  }

  byteOrderMark(): void {}

  line(bytes: Buffer, start: number, end: number, number: number, ending: LineEnding): void {
    if (ending !== 'none' && this.#more.quickly?.(bytes, start, end, number)) {
      this.#records += 1;
      return;
    }
    const text = bytes.toString('utf8', start, end);
    if (text.trim() === '') return;
    const verdict = this.#read(text, number, this.#findings);
    if (verdict === 'record') this.#records += 1;
    else if (verdict !== 'skipped') this.#findings.add(number, verdict);
    if (ending === 'none') {
      const severity = this.#findings.severityByMode;
      const says = 'the file does not end with a line end: its last line may be cut off';
      const action = severity === 'error' ? 'rejected' : 'ignored';
      this.#findings.add(number, { rule: 'X-2', severity, raw: cut(text), says, action });
    }
  }

  lineTooLong(beginning: string, number: number): void {
    this.#findings.add(number, rejected('X-3', beginning, 'the line is too long to be a record'));
  }

  #open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#sink.opened(this.#header);
  }
}

export function rejected(rule: string, raw: string, says: string, column = 1): Finding {
  return { column, rule, severity: 'error', raw, says, action: 'rejected' };
}
