import type { Instant } from '../../units/time.ts';

/** What every entry of a feed says of itself. */
export interface Entry {
  self: string;
  up: string;
  related: string[];
  /** atom:updated, else published; undefined when neither is legible. The first second of 1970 is a stamp like any other. */
  updatedAt: Instant | undefined;
  line: number;
}

export interface Content {
  entry: Entry;
  /** Text of the elements that are read, by local name. */
  fields: Map<string, string>;
}

/** A href without its scheme, host and outer slashes: feeds write the same link in several ways. */
export function normalLink(href: string): string {
  return href
    .trim()
    .replace(/^[a-z]+:\/\/[^/]*/i, '')
    .replace(/^\/+|\/+$/g, '');
}

/** Finds what an entry hangs under or refers to, by links and whatever the order of the document (GB-1). */
export class Links<T extends Content> {
  readonly all: T[] = [];
  readonly #bySelf = new Map<string, T>();
  readonly #byRelated = new Map<string, T>();

  /** Whether the self link was taken already (GB-12). */
  add(content: T): boolean {
    const { self, related } = content.entry;
    this.all.push(content);
    for (const link of related) if (!this.#byRelated.has(link)) this.#byRelated.set(link, content);
    if (self === '') return false;
    if (this.#bySelf.has(self)) return true;
    this.#bySelf.set(self, content);
    return false;
  }

  /** The one that `child` hangs under: it names the child or the child's collection as related, or stands above it in the path. */
  above(child: Entry, collection: string): T | undefined {
    const parts = child.self.split('/');
    const at = parts.lastIndexOf(collection);
    return (
      this.#byRelated.get(child.self) ??
      this.#byRelated.get(child.up) ??
      this.#bySelf.get(child.up) ??
      (at > 0 ? this.#bySelf.get(parts.slice(0, at).join('/')) : undefined) ??
      this.#fallback(child)
    );
  }

  /** The one that `parent` names as related. */
  namedBy(parent: Entry): T | undefined {
    const named = parent.related.map(link => this.#bySelf.get(link)).find(each => each !== undefined);
    return named ?? this.#fallback(parent);
  }

  // Without links: the only one there is, else the last one that stands before; they are in the order of their lines.
  #fallback({ line }: Entry): T | undefined {
    if (this.all.length === 1) return this.all[0];
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.all[middle]!.entry.line <= line) low = middle + 1;
      else high = middle;
    }
    return this.all[low - 1];
  }
}
