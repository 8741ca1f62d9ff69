import type { Findings } from '../findings.ts';
import { type Finding, quote } from '../problem.ts';
import type { Cells } from './cells.ts';

/** What is wrong with one row after the other, each finding at the column of its cell. */
export class RowFindings {
  readonly #findings: Findings;
  #cells: Cells | undefined;
  #start = 0;
  #number = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** The row that is spoken of from now on: its cells, where its line begins in their bytes, and the line's number. */
  at(cells: Cells, start: number, number: number): void {
    this.#cells = cells;
    this.#start = start;
    this.#number = number;
  }

  badNumber(index: number, says: string): void {
    this.rejectCell(index, 'CSV-4', `${this.#quoted(index)} ${says}`);
  }

  rounded(index: number): void {
    const says = `${this.#quoted(index)} has more decimals than a millionth of a kWh and was rounded`;
    this.warn(index, 'CSV-4', says, 'repaired');
  }

  warn(index: number, rule: string, says: string, action: 'repaired' | 'ignored'): void {
    const { starts } = this.#cells!;
    this.#add(starts[index]!, { rule, severity: 'warning', raw: this.#text(index), says, action });
  }

  rejectCell(index: number, rule: string, says: string): void {
    this.reject(this.#cells!.starts[index]!, rule, says, this.#text(index));
  }

  /** `at`: byte of the line. */
  reject(at: number, rule: string, says: string, raw = ''): void {
    this.#add(at, { rule, severity: 'error', raw, says, action: 'rejected' });
  }

  /** Said once per file, of the file. */
  rejectFile(rule: string, says: string): void {
    this.#findings.addOnce(says, 0, { rule, severity: 'error', says, action: 'rejected' });
  }

  /** Said once per file, of the first row that it is true of. */
  ignoreRows(says: string): void {
    this.#findings.addOnce(says, this.#number, { rule: 'CSV-9', severity: 'warning', says, action: 'ignored' });
  }

  #add(at: number, finding: Finding): void {
    const column = this.#cells!.bytes.toString('utf8', this.#start, at).length + 1;
    this.#findings.add(this.#number, { ...finding, column: Math.max(1, column) });
  }

  #text(index: number): string {
    return this.#cells!.text(index);
  }

  #quoted(index: number): string {
    return quote(this.#text(index));
  }
}
