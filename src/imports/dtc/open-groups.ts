import { assert } from '../../kernel/assert.ts';
import type { GroupTable } from './flow-table.ts';

interface OpenGroup {
  code: string;
  state: 'open' | 'rejected';
  /** Codes of the single groups that stood under it. */
  singles: string[] | undefined;
}

/**
 * The groups that are open, one per level: nesting is by order, not by markers (D10-5). A group ends its siblings of any code and all
 * that is under them; the details of one group stand beside each other.
 */
export class OpenGroups {
  /** Code of the first level. */
  readonly root: string;
  readonly #groups: ReadonlyMap<string, GroupTable>;
  readonly #levels = new Map<string, number>();
  /** By level; those behind `#depth` are free to be used again. */
  readonly #open: OpenGroup[] = [];
  #depth = 0;
  readonly #closed: (code: string) => void;

  /** `closed` hears of every group that was entered as open, innermost first. */
  constructor(groups: Readonly<Record<string, GroupTable>>, closed: (code: string) => void) {
    this.#groups = new Map(Object.entries(groups));
    this.#closed = closed;
    const root = Object.keys(groups).find(code => !groups[code]!.parents && !groups[code]!.unused);
    assert(root, 'a flow has a group of the first level');
    this.root = root;
    for (const code of Object.keys(groups)) this.#levels.set(code, this.#levelOf(code));
  }

  /** Ends what a group of this code ends. */
  close(code: string): void {
    const level = this.#levels.get(code)!;
    while (this.#depth > level) {
      this.#depth -= 1;
      const { code: ended, state } = this.#open[this.#depth]!;
      if (state === 'open') this.#closed(ended);
    }
  }

  /** Whether `above` would be 'open' after `close`. */
  fits(code: string): boolean {
    const parents = this.#groups.get(code)!.parents;
    if (!parents) return true;
    const level = this.#levels.get(code)!;
    const parent = this.#open[level - 1];
    return parent !== undefined && level <= this.#depth && parent.state === 'open' && parents.includes(parent.code);
  }

  /** The group that one of this code would hang under, after `close`. */
  above(code: string): 'open' | 'rejected' | 'missing' {
    const parents = this.#groups.get(code)!.parents;
    if (!parents) return 'open';
    const parent = this.#last;
    return parent && this.#depth === this.#levels.get(code) && parents.includes(parent.code) ? parent.state : 'missing';
  }

  /** Whether the open parent has had a single group of this code already. */
  has(code: string): boolean {
    return this.#last?.singles?.includes(code) ?? false;
  }

  enter(code: string, state: OpenGroup['state']): void {
    const parent = this.#last;
    if (parent && this.#groups.get(code)!.single) parent.singles = [...(parent.singles ?? []), code];
    const entered = this.#open[this.#depth] ?? { code, state, singles: undefined };
    entered.code = code;
    entered.state = state;
    entered.singles = undefined;
    this.#open[this.#depth] = entered;
    this.#depth += 1;
  }

  get #last(): OpenGroup | undefined {
    return this.#depth > 0 ? this.#open[this.#depth - 1] : undefined;
  }

  #levelOf(code: string): number {
    const parent = this.#groups.get(code)!.parents?.[0];
    return parent === undefined ? 0 : this.#levelOf(parent) + 1;
  }
}
