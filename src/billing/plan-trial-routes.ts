import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import { day } from '../http/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Days } from '../tariffs/component.ts';
import { estimationMethods } from '../tariffs/estimate-missing.ts';
import {
  addMonths,
  type Day,
  dayOf,
  daysBetween,
  firstDayOf,
  instantOfMs,
  monthOf,
  parseZone,
  type Zone,
} from '../units/time.ts';
import { billCaseSchema } from './bill-case.ts';
import { type CompareDeps, comparePlans } from './compare-plans.ts';
import { previewPlan } from './preview-plan.ts';
import type { PlanChoice } from './tried-plan.ts';

export interface PlanTrialDeps extends CompareDeps {
  clock: Clock;
  /** The clock that says which months are over. */
  businessZone: Zone;
}

const daysMax = 800;
const plansMax = 10;
const customersMax = 500;

const planChoice = z
  .strictObject({
    document: z.looseObject({ planCode: z.string() }).optional(),
    planCode: z.string().optional(),
    version: z.int().min(1).optional(),
  })
  .refine(({ document, planCode }) => (document === undefined) !== (planCode === undefined), {
    message: 'give a document, or the planCode of a saved plan',
  })
  .meta({ id: 'PlanChoice', description: 'A document nobody has saved, one version, or a plan as it is in force' });

const zone = z.string().transform((text, context): Zone => {
  const parsed = parseZone(text);
  if (!parsed) context.addIssue({ code: 'custom', message: 'write a zone as Australia/Adelaide' });
  return parsed ?? z.NEVER;
});

const readings = z.strictObject({
  zone,
  registers: z.record(
    z.string().regex(/^[A-Z0-9_]{1,20}$/),
    z.strictObject({
      intervalMinutes: z.int().min(1).max(60),
      energies: z
        .array(z.union([z.string(), z.number(), z.null()]))
        .max(daysMax * 300)
        .meta({ description: 'kWh, from midnight of the first day on; null where nobody knows' }),
    }),
  ),
});

const previewInput = z
  .strictObject({
    plan: planChoice,
    meterPoint: z.string().optional(),
    readings: readings.optional(),
    from: day.meta({ example: '2026-10-01' }),
    to: day.meta({ description: 'The first day that is not billed', example: '2026-11-01' }),
    facts: billCaseSchema.shape.facts,
    estimation: z.enum(estimationMethods).optional(),
  })
  .refine(({ meterPoint, readings }) => (meterPoint === undefined) !== (readings === undefined), {
    path: ['meterPoint'],
    message: 'give a meter point or readings',
  });

const compareInput = z
  .strictObject({
    plans: z.array(planChoice).min(1).max(plansMax).optional().meta({ description: 'Left out: every saved plan' }),
    accounts: z.array(z.string()).min(1).max(customersMax).optional(),
    meterPoints: z.array(z.string()).min(1).max(customersMax).optional(),
    from: day.optional().meta({ description: 'Left out: the twelve months that are over' }),
    to: day.optional(),
  })
  .refine(({ accounts, meterPoints }) => (accounts === undefined) !== (meterPoints === undefined), {
    path: ['accounts'],
    message: 'give accounts or meter points',
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), {
    path: ['to'],
    message: 'give both days or neither',
  });

/** Trying plans before they are sold: nothing here is written. */
export function registerPlanTrialRoutes(root: FastifyInstance, deps: PlanTrialDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();

  app.post('/v1/plans/preview', {
    schema: {
      tags: ['plans'],
      summary: 'What a bill would say on a plan: lines, taxes, total and where each comes from; nothing is written',
      description:
        'The plan may be a document nobody has saved. The energy is that of a meter point, or given in the request. Rated by the code that rates bills.',
      body: previewInput,
      response: { 200: z.looseObject({ total: z.string() }).meta({ id: 'PlanPreview' }) },
    },
    bodyLimit: 8 * 1024 * 1024,
    serializerCompiler: () => JSON.stringify,
    onRequest: guard.needsScope('bills:read'),
    handler: async ({ body }) => {
      const { plan, meterPoint, readings, ...rest } = body;
      const site = readings ? { readings } : { meterPoint: meterPoint ?? '' };
      return previewPlan(deps, { ...rest, ...checked(body), plan: choiceOf(plan), site });
    },
  });

  app.post('/v1/plans/compare', {
    schema: {
      tags: ['plans'],
      summary: 'Past bills again on other plans: winners, losers, revenue, and the cheapest plan of each customer',
      body: compareInput,
      response: { 200: z.looseObject({ from: z.string() }).meta({ id: 'PlanComparison' }) },
    },
    serializerCompiler: () => JSON.stringify,
    onRequest: guard.needsScope('bills:read'),
    handler: async ({ body }) => {
      const { accounts, meterPoints = [], plans } = body;
      const days = body.from && body.to ? checked({ from: body.from, to: body.to }) : lastYear(deps);
      return {
        ...(await comparePlans(deps, {
          ...days,
          plans: plans ? plans.map(choiceOf) : savedPlans(deps),
          of: accounts ? { accounts } : { meterPoints },
        })),
      };
    },
  });
}

/** The twelve months that are over. */
export function lastYear({ clock, businessZone }: Pick<PlanTrialDeps, 'clock' | 'businessZone'>): Days {
  const month = monthOf(dayOf(instantOfMs(clock.now()), businessZone));
  return { from: firstDayOf(addMonths(month, -12)), to: firstDayOf(month) };
}

/** The newest version of each plan. Throws 'body-invalid' when there are more than are compared at once. */
export function savedPlans({ plans }: Pick<PlanTrialDeps, 'plans'>): PlanChoice[] {
  const newest = new Map(
    plans.list().map(({ plan, version }) => [plan.planCode, { planCode: plan.planCode, version }]),
  );
  if (newest.size > plansMax)
    throw new Refusal('body-invalid', `there are ${newest.size} plans: name at most ${plansMax}`, [
      { pointer: '/plans', message: `name at most ${plansMax} of the ${newest.size} plans` },
    ]);
  return [...newest.values()];
}

function choiceOf({ document, planCode, version }: z.output<typeof planChoice>): PlanChoice {
  return document ? { document } : { planCode: planCode ?? '', version };
}

function checked({ from, to }: { from: Day; to: Day }): Days {
  const count = daysBetween(from, to);
  if (count < 1 || count > daysMax)
    throw new Refusal('body-invalid', `from ${from} up to ${to} must be 1 to ${daysMax} days`, [
      { pointer: '/to', message: `must be after from, by at most ${daysMax} days` },
    ]);
  return { from, to };
}
