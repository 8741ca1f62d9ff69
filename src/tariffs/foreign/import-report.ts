import { type FieldProblem, Refusal } from '../../kernel/errors.ts';

/** A plan of another standard as a document of ours, and what a person should know before it is saved. */
export interface PlanImport {
  document: Record<string, unknown>;
  /** What was left as text, and what was concluded; the pointer leads into the source. */
  notes: FieldProblem[];
  questions: ImportQuestion[];
}

/** Where the source can be meant in two ways: what was taken, and what could be chosen instead. */
export interface ImportQuestion {
  /** Stable for the same source: the name an answer is given by. */
  id: string;
  /** Into the source. */
  pointer: string;
  question: string;
  chosen: string;
  choices: string[];
}

/** What the source does not say and the importer may be told. */
export interface ImportOptions {
  planCode?: string | undefined;
  displayName?: string | undefined;
  /** A local day. */
  effectiveFrom?: string | undefined;
  holidayCalendar?: string | undefined;
  /** By question. */
  answers?: Record<string, string> | undefined;
}

/** Collects what an import has to say besides its document. */
export class ImportReport {
  readonly problems: FieldProblem[] = [];
  readonly notes: FieldProblem[] = [];
  readonly questions: ImportQuestion[] = [];
  readonly #answers: Record<string, string>;
  readonly #ids = new Set<string>();

  constructor(answers: Record<string, string> = {}) {
    this.#answers = answers;
  }

  refuse(pointer: string, message: string): void {
    this.problems.push({ pointer, message });
  }

  note(pointer: string, message: string): void {
    this.notes.push({ pointer, message });
  }

  /** The answer that was given, else `chosen`; without either the import is refused, for nobody may guess a price. */
  ask<Choice extends string>(
    question: Omit<ImportQuestion, 'chosen' | 'choices'> & { choices: readonly Choice[]; chosen: Choice | undefined },
  ): Choice | undefined {
    const { id, pointer, choices } = question;
    this.#ids.add(id);
    const answer = this.#answers[id];
    const chosen = answer === undefined ? question.chosen : choices.find(choice => choice === answer);
    const offer = choices.join(', ');
    if (answer !== undefined && chosen === undefined)
      this.refuse(pointer, `the answer to ${id} is ${answer}, and must be one of ${offer}`);
    else if (chosen === undefined) this.refuse(pointer, `${question.question} Answer ${id} with one of ${offer}`);
    else if (!this.questions.some(other => other.id === id))
      this.questions.push({ id, pointer, question: question.question, chosen, choices: [...choices] });
    return chosen;
  }

  /** Throws 'plan-import-refused' with every place that could not be taken over. */
  refuseProblems(): void {
    for (const id of Object.keys(this.#answers))
      if (!this.#ids.has(id)) this.refuse('', `nothing was asked that is called ${id}`);
    const [first] = this.problems;
    if (!first) return;
    const more = this.problems.length > 1 ? ` (and ${this.problems.length - 1} more)` : '';
    throw new Refusal('plan-import-refused', `${first.pointer}: ${first.message}${more}`, this.problems);
  }
}
