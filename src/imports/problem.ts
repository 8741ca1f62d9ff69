/**
 * What a reader says about a file: every finding, not the first one, each pointing at its line and column.
 * error: something did not enter, or the file may not be used · warning: read all the same, but somebody should know.
 * rejected: the record named did not enter · repaired: read in another way than it was written (an empty cell as a gap) ·
 * ignored: the oddity, or the record that cannot be used yet, was passed over; the message says which.
 */
export interface ImportProblem {
  /** 1-based line in the file or zip member, 0 when the whole file is meant. */
  line: number;
  /** 1-based character in the line, where the field named begins; 1 when the whole line is meant. */
  column: number;
  /** Rule of FORMATS: "N12-20". */
  rule: string;
  severity: Severity;
  /** "archive.zip!member", '' unless the file came out of a zip. */
  member: string;
  /** Name the format's specification gives the field, '' when the record is meant. */
  field: string;
  /** The text as it was sent, cut to 50 characters. */
  raw: string;
  /** A whole sentence that begins with the place: `line 5, column 22: "5631x" is not a register reading`. */
  message: string;
  action: ProblemAction;
}

export type Severity = 'error' | 'warning';
export type ProblemAction = 'rejected' | 'repaired' | 'ignored';

/** What a reader found at a place; `says` is the sentence without the place. */
export interface Finding {
  column?: number;
  rule: string;
  severity: Severity;
  field?: string;
  raw?: string;
  says: string;
  action: ProblemAction;
}

const rawMax = 50;

/** The problem a finding becomes at a line of a file (`member` is '' outside a zip). */
export function problemAt(member: string, line: number, finding: Finding): ImportProblem {
  const { column = 1, rule, severity, field = '', raw = '', says, action } = finding;
  const message = line === 0 ? says : `line ${line}, column ${column}: ${says}`;
  return { line, column, rule, severity, member, field, raw: cut(raw), message, action };
}

/**
 * The problem in words. With the text of its line, that line follows with a caret under the column, cut to a window when it is
 * long: a NEM12 day of five-minute values is 2 kB wide.
 */
export function describeProblem(problem: ImportProblem, lineText?: string): string {
  const place = problem.member === '' ? problem.message : `${problem.member}, ${problem.message}`;
  const words = `${problem.severity} ${problem.rule}: ${place} (${problem.action})`;
  return lineText === undefined || problem.line === 0 ? words : `${words}\n${withCaret(lineText, problem.column)}`;
}

const windowBefore = 40;
const windowAfter = 60;

function withCaret(lineText: string, column: number): string {
  const at = Math.min(Math.max(column - 1, 0), lineText.length);
  const from = Math.max(0, at - windowBefore);
  const to = Math.min(lineText.length, at + windowAfter);
  const lead = from > 0 ? '…' : '';
  const excerpt = `${lead}${printable(lineText.slice(from, to))}${to < lineText.length ? '…' : ''}`;
  return `  ${excerpt}\n  ${' '.repeat(lead.length + at - from)}^`;
}

/** The text cut to 50 characters, and with control characters shown, so that a file cannot write into a log or terminal. */
export function cut(text: string): string {
  const shown = printable(text);
  return shown.length > rawMax ? `${shown.slice(0, rawMax - 1)}…` : shown;
}

/** The text in quotation marks, as a message may show it. */
export function quote(text: string): string {
  return `"${cut(text)}"`;
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '·');
}
