import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const project = join(import.meta.dirname, '..');

interface LockedPackage {
  gypfile?: boolean;
}

function read<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(project, ...path), 'utf8')) as T;
}

// npm ci reads packages from the lockfile, where npm forgets `gypfile: false`, finds a binding.gyp and compiles: that needs a compiler,
// Python and Node's headers from another host than the registry. What a package says of itself must stand in the lockfile as well; npm
// drops it whenever it writes the file anew.
it('compiles nothing at npm ci: a package with prebuilt binaries says so in the lockfile', () => {
  const { packages } = read<{ packages: Record<string, LockedPackage> }>('package-lock.json');
  const prebuilt = Object.keys(packages).filter(
    path =>
      path !== '' &&
      existsSync(join(project, path, 'binding.gyp')) &&
      read<LockedPackage>(path, 'package.json').gypfile === false,
  );
  expect(prebuilt).toContain('node_modules/better-sqlite3');
  expect(prebuilt.filter(path => packages[path]!.gypfile !== false)).toEqual([]);
});
