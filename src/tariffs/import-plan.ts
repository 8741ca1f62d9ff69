import { Refusal } from '../kernel/errors.ts';
import type { ImportOptions, PlanImport } from './foreign/import-report.ts';
import { importCdr } from './import-cdr.ts';
import { importUrdb } from './import-urdb.ts';
import { readPlan } from './plan.ts';

export const planSources = ['cdr', 'urdb', 'own'] as const;
export type PlanSource = (typeof planSources)[number];

/**
 * A plan of another standard, or of our own, as a document that proves. `from` left out, the source's own words tell which standard it
 * is. Throws 'plan-import-refused', and 'plan-invalid' with the first minute that has no rate or two.
 */
export function importPlan(
  source: unknown,
  from: PlanSource = sourceOf(source),
  options: ImportOptions = {},
): PlanImport {
  const imported =
    from === 'cdr' ? importCdr(source, options) : from === 'urdb' ? importUrdb(source, options) : own(source, options);
  readPlan(imported.document);
  return imported;
}

function sourceOf(source: unknown): PlanSource {
  const says = (field: string) => typeof source === 'object' && source !== null && field in source;
  if (says('components')) return 'own';
  if (says('electricityContract') || says('gasContract') || says('data')) return 'cdr';
  if (says('energyratestructure') || says('items') || says('flatdemandstructure')) return 'urdb';
  throw new Refusal(
    'plan-import-refused',
    'neither a plan document, nor an EnergyPlanDetail (CDR), nor a rate of the Utility Rate Database (URDB): say which with "from"',
  );
}

function own(source: unknown, options: ImportOptions): PlanImport {
  const told = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (told.length > 0)
    throw new Refusal(
      'plan-import-refused',
      `a plan document is taken as it stands: ${told.join(', ')} cannot be told`,
    );
  return { document: { ...readObject(source) }, notes: [], questions: [] };
}

function readObject(source: unknown): object {
  if (typeof source === 'object' && source !== null && !Array.isArray(source)) return source;
  throw new Refusal('plan-import-refused', 'a plan document is a JSON object');
}
