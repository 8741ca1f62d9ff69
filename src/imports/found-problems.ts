import type { RuleCount } from './import-run.ts';
import { type ImportProblem, problemAt } from './problem.ts';

/** Where the problems of a file are kept while it is read; positions are among all of them, from 0. */
export interface ProblemKeeper {
  /** In one transaction; `position` is that of the first. */
  keep(position: number, problems: readonly ImportProblem[]): void;
  /** Forgets some of those from `position` on; false when there were none. */
  cut(position: number): boolean;
}

// Without a keeper so many are held, and the rest is counted.
export const listedMax = 10_000;
const keptAtOnce = 500;

/**
 * What is wrong with a file, in its order: all of it counted, by rule as well, and handed on to be kept portion by portion. A file of
 * millions of bad lines is held in no memory: without a keeper the first of them are.
 */
export class FoundProblems {
  readonly #keeper: ProblemKeeper | undefined;
  #held: ImportProblem[] = [];
  #count = 0;
  #kept = 0;
  #rules = new Map<string, RuleCount>();

  constructor(keeper?: ProblemKeeper) {
    this.#keeper = keeper;
  }

  get rejected(): number {
    return this.rules.reduce((sum, { action, count }) => sum + (action === 'rejected' ? count : 0), 0);
  }

  /** What the rules said, the most frequent first. */
  get rules(): RuleCount[] {
    return [...this.#rules.values()].sort(
      (a, b) => b.count - a.count || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0),
    );
  }

  /** Enough is held to be worth a transaction. */
  get isFull(): boolean {
    return this.#keeper !== undefined && this.#held.length >= keptAtOnce;
  }

  add(problem: ImportProblem): void {
    const { rule, severity, action, message } = problem;
    const key = `${rule} ${severity} ${action}`;
    const count = (this.#rules.get(key)?.count ?? 0) + 1;
    this.#rules.set(key, { rule, severity, action, count, example: this.#rules.get(key)?.example ?? message });
    this.#count += 1;
    if (this.#keeper || this.#held.length < listedMax) this.#held.push(problem);
  }

  /** Between two portions: what was found goes where it is kept, `pause` after each part of it. */
  async keep(pause: () => Promise<void>): Promise<void> {
    if (!this.#keeper) return;
    while (this.#held.length > 0) {
      const part = this.#held.slice(0, keptAtOnce);
      this.#keeper.keep(this.#kept, part);
      this.#kept += part.length;
      this.#held = this.#held.slice(part.length);
      await pause();
    }
  }

  /** What is found from here on can be taken back, by what is returned. */
  mark(): (pause: () => Promise<void>) => Promise<void> {
    const [count, rules] = [this.#count, new Map(this.#rules)];
    return async pause => {
      while (this.#kept > count && this.#keeper?.cut(count)) await pause();
      this.#kept = Math.min(this.#kept, count);
      this.#held.length = Math.min(this.#held.length, count - this.#kept);
      this.#count = count;
      this.#rules = rules;
    };
  }

  /** Those that are not kept elsewhere; at the end, how many are not listed. */
  list(): ImportProblem[] {
    return listed(this.#held, this.#count - this.#kept, 'dry runs and reports that are printed list no more');
  }
}

/** The first of `all` problems, and after them how many there are besides. */
export function listed(first: readonly ImportProblem[], all: number, why: string): ImportProblem[] {
  if (all <= first.length) return [...first];
  const says = `${all - first.length} more problems were found than the ${first.length} listed: ${why}`;
  return [...first, problemAt('', 0, { rule: 'X-3', severity: 'warning', says, action: 'ignored' })];
}
