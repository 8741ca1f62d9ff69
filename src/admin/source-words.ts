import type { ImportRunStore } from '../imports/import-run-store.ts';

/** "import:12" as people read it: "Import 12, day.csv", "Key shop meters", "User ana". */
export function sourceWords(name: string, deps: { imports: ImportRunStore }): string {
  const [kind, ...rest] = name.split(':');
  const told = rest.join(':');
  if (kind === 'key') return `Key ${told}`;
  if (kind === 'user') return `User ${told}`;
  if (kind !== 'import') return name;
  const run = runOf(name, deps);
  return run ? `Import ${told}, ${run.name}` : `Import ${told}`;
}

/** The import that a source is. */
export function runOf(name: string, { imports }: { imports: ImportRunStore }) {
  const id = /^import:(\d{1,15})$/.exec(name)?.[1];
  return id === undefined ? undefined : imports.find(Number(id));
}
