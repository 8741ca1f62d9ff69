import { instant } from '../../units/time.ts';
import { Findings } from '../findings.ts';
import type { FileHeader, FormatContext, FormatReader, FormatSink } from '../format.ts';
import { type JsonPath, JsonScanner } from '../json-scanner.ts';
import { quote } from '../problem.ts';

/** A value with its place in the file. */
export interface JsonLeaf {
  kind: 'string' | 'number' | 'literal';
  text: string;
  line: number;
  column: number;
}

export interface JsonRecords {
  leaf(path: JsonPath, leaf: JsonLeaf): void;
  closed(path: JsonPath): void;
  /** After the last byte, also when the JSON was broken: hand on what is held. Answers how many records there were. */
  finish(): number;
}

const meterPointPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

/** Reads JSON whose meter point is known to the importer alone. `records` is told every value with its place. */
export class JsonFileReader implements FormatReader {
  readonly #sink: FormatSink;
  readonly #findings: Findings;
  readonly #records: JsonRecords;
  readonly #scanner: JsonScanner;
  readonly #header: FileHeader;
  #opened = false;
  #complete = true;

  constructor(
    sink: FormatSink,
    context: FormatContext,
    flow: string,
    records: (findings: Findings, meterPoint: string | undefined) => JsonRecords,
  ) {
    this.#sink = sink;
    this.#findings = new Findings(sink, context);
    const { meterPoint } = context;
    const named = meterPoint !== undefined && meterPointPattern.test(meterPoint);
    this.#records = records(this.#findings, named ? meterPoint : undefined);
    this.#header = {
      reference: '',
      flow,
      sender: '',
      receiver: '',
      createdAt: instant(0),
      testFlag: '',
      isTest: false,
    };
    this.#scanner = new JsonScanner({
      leaf: (path, kind, text, line, column) => this.#records.leaf(path, { kind, text, line, column }),
      closed: path => this.#records.closed(path),
      broken: (says, line, column) => {
        this.#complete = false;
        this.#findings.add(line, { column, rule: 'X-2', severity: 'error', says, action: 'rejected' });
      },
    });
    this.#refusal = named
      ? undefined
      : meterPoint === undefined
        ? 'the file names no meter point: say which one it is of (--meter-point)'
        : `${quote(meterPoint)} is not a meter point`;
  }

  readonly #refusal: string | undefined;

  push(chunk: Uint8Array): void {
    this.#open();
    this.#scanner.push(chunk);
  }

  end(): void {
    this.#open();
    this.#scanner.end();
    const records = this.#records.finish();
    if (records === 0 && this.#findings.errors + this.#findings.warnings === 0) {
      const says =
        'nothing in the file is energy at a known time: it may be an answer of another kind, or of days without data';
      this.#findings.add(0, { rule: 'X-10', severity: 'warning', says, action: 'ignored' });
    }
    const { errors, warnings } = this.#findings;
    this.#sink.closed({
      ...this.#header,
      complete: this.#complete,
      lines: this.#scanner.lines,
      records,
      errors,
      warnings,
    });
  }

  #open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#sink.opened(this.#header);
    if (this.#refusal !== undefined)
      this.#findings.add(0, { rule: 'CSV-4', severity: 'error', says: this.#refusal, action: 'rejected' });
  }
}
