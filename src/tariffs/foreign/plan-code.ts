import type { SourceObject } from './source-object.ts';

/** A code of ours from another's name: "ABC1MRE1@EME" is ABC1MRE1-EME. */
export function planCodeOf(name: string, source: SourceObject, field: string): string {
  const code = name
    .replace(/[^A-Za-z0-9_]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  if (!code) source.refuse(field, 'there is no name to make a plan code of: give one to the import');
  return code;
}
