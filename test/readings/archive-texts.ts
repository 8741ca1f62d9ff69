import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The archives of a home, by name. */
export function archiveTexts(home: string): Record<string, string> {
  const folder = join(home, 'archive');
  return Object.fromEntries(
    readdirSync(folder)
      .filter(name => name.endsWith('.csv'))
      .sort()
      .map(name => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}
