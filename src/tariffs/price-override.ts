import { z } from 'zod';
import { assert } from '../kernel/assert.ts';
import { type FieldProblem, Refusal } from '../kernel/errors.ts';
import { sha256 } from '../kernel/ids.ts';
import { type PlanVersion, readPlan } from './plan.ts';

/** One price that a customer's contract changes, as it is shown: where in the plan document, what it was and what it is. */
export interface PriceChange {
  /** RFC 6901: "/components/0/rates/1/unitPrice". */
  at: string;
  was: string;
  is: string;
}

/** The part of a contract document that changes prices. Only what is a price or an amount in the plan can be changed. */
export const priceChanges = z
  .array(
    z.strictObject({
      at: z
        .string()
        .regex(
          /^(\/[A-Za-z0-9_]+)*\/(unitPrice|amount|rate|perDay|flat)$/,
          'must be the JSON pointer of a price, such as /components/0/rates/1/unitPrice',
        ),
      was: z.string(),
      is: z.string(),
    }),
  )
  .min(1);

const overridden = new WeakMap<PlanVersion, Map<string, PlanVersion>>();

/**
 * The plan version with a contract's own prices, read and proved like any other. Throws 'override-stale' when the plan does not say
 * what the contract believes it says: a difference agreed against one version is not a difference to another.
 */
export function withPriceChanges(version: PlanVersion, changes: PriceChange[]): PlanVersion {
  const known = overridden.get(version) ?? new Map<string, PlanVersion>();
  overridden.set(version, known);
  const key = JSON.stringify(changes);
  let result = known.get(key);
  if (!result) {
    const document: unknown = structuredClone(version.plan.document);
    const problems = changes.flatMap((change, at) => apply(change, document, at));
    if (problems.length > 0)
      throw new Refusal('override-stale', `${problems[0]?.pointer}: ${problems[0]?.message}`, problems);
    result = { ...version, sha256: sha256(JSON.stringify(document)), plan: readPlan(document) };
    known.set(key, result);
  }
  return result;
}

function apply({ at, was, is }: PriceChange, document: unknown, index: number): FieldProblem[] {
  const steps = at.slice(1).split('/');
  const field = steps.pop();
  assert(field, 'a pointer has a last step');
  const holder = steps.reduce<unknown>((value, step) => (isRecord(value) ? value[step] : undefined), document);
  const current = isRecord(holder) ? holder[field] : undefined;
  if (!isRecord(holder) || current !== was)
    return [
      {
        pointer: `/${index}/was`,
        message: `the plan says ${JSON.stringify(current) ?? 'nothing'} at ${at}, not ${was}`,
      },
    ];
  holder[field] = is;
  return [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
