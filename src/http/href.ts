import { assert } from '../kernel/assert.ts';

type QueryValues = Record<string, string | number | undefined>;

/**
 * The only maker of links in views: always a path on this site, so that no stored text can become `javascript:` or another host.
 * `segments` are appended encoded; query values that are undefined or empty are left out.
 */
export function href(path: string, segments: (string | number)[] = [], query: QueryValues = {}): string {
  assert(isLocalPath(path), 'a link starts with one slash');
  const steps = segments.map(segment => `/${encodeURIComponent(segment)}`).join('');
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value!)}`).join('&');
  return `${path}${steps}${search && `?${search}`}`;
}

/** True for "/x" and not for "//host", "/\host", "javascript:…" or anything with a control character. */
export function isLocalPath(text: string): boolean {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(text) && !text.includes('\\');
}
