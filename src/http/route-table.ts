/** Which methods each path answers, so that a known path asked with another method is told apart from an unknown path. */
export class RouteTable {
  readonly #methodsByPath = new Map<string, Set<string>>();

  add(methods: string | string[], path: string): void {
    const known = this.#methodsByPath.get(path) ?? new Set();
    for (const method of [methods].flat()) known.add(method);
    this.#methodsByPath.set(path, known);
  }

  /** The methods of every route whose path fits `url` (path only), sorted; empty when none fits. */
  methodsAt(url: string): string[] {
    const steps = url.split('/');
    const fitting = [...this.#methodsByPath].filter(([path]) => path !== '*' && fits(path.split('/'), steps));
    return [...new Set(fitting.flatMap(([, methods]) => [...methods]))].sort();
  }
}

function fits(pattern: string[], steps: string[]): boolean {
  for (const [index, step] of pattern.entries()) {
    if (step === '*') return steps.length > index;
    const given = steps[index];
    if (given === undefined || (step.startsWith(':') ? given === '' : step !== given)) return false;
  }
  return steps.length === pattern.length;
}
