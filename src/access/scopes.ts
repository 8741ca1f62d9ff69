/** What an API key may be allowed to do. "*" is everything, and everything that is added later. */
export const scopes = [
  'readings:read',
  'readings:write',
  'accounts:read',
  'accounts:write',
  'bills:read',
  'bills:write',
  'plans:read',
  'plans:write',
  'imports:read',
  'imports:write',
  'maintenance:write',
  '*',
] as const;
export type Scope = (typeof scopes)[number];

/** Whether there is such a scope; "*" is one. */
export function isScope(text: string): text is Scope {
  return scopes.some(scope => scope === text);
}

/** Whether a key with these scopes may do what needs that one. */
export function allows(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes('*') || granted.includes(needed);
}
