import { plainHeading } from './cells.ts';
import type { GuessedFlow } from './guess-words.ts';
import type { Column } from './profile.ts';
import type { SampleTable } from './sample-table.ts';

export interface Reason {
  /** Part of the profile: "header". */
  part: string;
  says: string;
}

export interface Question {
  /** Part of the profile: "zone". */
  part: 'zone' | 'meterPoint' | 'direction' | 'dateOrder' | 'edge' | 'kind' | 'interval' | 'quality';
  asks: string;
  /** What the profile has until it is answered. */
  chosen: string;
  choices: string[];
}

/** A sample taken apart, with what was found out about it so far and what has to be asked. */
export class GuessSample {
  readonly table: SampleTable;
  readonly headings: string[];
  readonly reasons: Reason[] = [];
  readonly questions: Question[] = [];

  constructor(table: SampleTable) {
    this.table = table;
    this.headings = table.header < 0 ? [] : table.lines[table.header]!;
  }

  because(part: string, says: string): void {
    this.reasons.push({ part, says });
  }

  ask(question: Question): void {
    this.questions.push(question);
  }

  askDirection(flow: GuessedFlow, what: string): void {
    this.ask({
      part: 'direction',
      asks: `Which way does ${what} flow?`,
      chosen: flow,
      choices: ['from-grid', 'to-grid', 'from-solar', 'none'],
    });
  }

  named(pattern: RegExp, taken: ReadonlySet<number>): number {
    return this.headings.findIndex(
      (heading, at) => !taken.has(at) && pattern.test(plainHeading(heading)) && this.cellsOf(at).length > 0,
    );
  }

  columnsWhere(test: (at: number) => boolean): number[] {
    return Array.from({ length: this.table.columns }, (_, at) => at).filter(test);
  }

  /** What stands in the column, empty cells left out. */
  cellsOf(at: number): string[] {
    return this.table.rows.map(row => row[at] ?? '').filter(cell => cell !== '');
  }

  /** By heading where it has one of its own, else by number. */
  ref(at: number): Column {
    const heading = this.headings[at] ?? '';
    const same = this.headings.filter(each => plainHeading(each) === plainHeading(heading));
    return heading === '' || same.length > 1 ? at + 1 : heading;
  }

  label(at: number): string {
    return this.headings[at] || `column ${at + 1}`;
  }
}
