import { noTax } from './component.ts';

/** The tax of a line that names none: the plan's only one, or none where the plan has none. A plan with several must say. */
export function defaultTax(taxes: Record<string, unknown>): string {
  return Object.keys(taxes)[0] ?? noTax;
}
