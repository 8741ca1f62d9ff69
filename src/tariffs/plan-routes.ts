import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import { day } from '../http/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { instantOfMs } from '../units/time.ts';
import { importPlan, planSources } from './import-plan.ts';
import type { PlanVersion } from './plan.ts';
import { planSchema } from './plan-schema.ts';
import type { PlanStore } from './plan-store.ts';

export interface PlanRouteDeps {
  plans: PlanStore;
  clock: Clock;
}

const problem = z.object({ pointer: z.string(), message: z.string() });
const importAnswer = z
  .object({
    plan: z.looseObject({ planCode: z.string(), version: z.int() }).nullable(),
    document: z.looseObject({ planCode: z.string() }),
    notes: z.array(problem),
    questions: z.array(
      z.object({
        id: z.string(),
        pointer: z.string(),
        question: z.string(),
        chosen: z.string(),
        choices: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'PlanImport' });
const importInput = z.strictObject({
  source: z.looseObject({}).meta({ description: 'The plan as it was published' }),
  from: z.enum(planSources).optional().meta({ description: 'Left out, the source’s own words tell' }),
  dryRun: z.boolean().default(false).meta({ description: 'true: nothing is saved' }),
  planCode: z.string().optional(),
  displayName: z.string().optional(),
  effectiveFrom: day.optional(),
  holidayCalendar: z.string().optional(),
  answers: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'By the id of a question of an earlier answer', example: { 'USE.tierAllowance': 'EACH' } }),
});

const planAnswer = z.looseObject({ planCode: z.string(), version: z.int() }).meta({ id: 'PlanVersion' });

/** Price plans: each POST is a new version, none is ever edited. */
export function registerPlanRoutes(root: FastifyInstance, { plans, clock }: PlanRouteDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();

  app.get('/v1/plans', {
    schema: {
      tags: ['plans'],
      summary: 'Every version of every plan',
      response: { 200: z.object({ data: z.array(planAnswer) }) },
    },
    onRequest: guard.needsScope('plans:read'),
    handler: async () => ({ data: plans.list().map(showVersion) }),
  });

  app.post('/v1/plans', {
    schema: {
      tags: ['plans'],
      summary: 'Save a plan document as the next version of its plan',
      description:
        'Refused with the place in the document when a field is unknown, a price is no decimal string, or a minute of the week has no rate or two.',
      body: z.looseObject({ planCode: z.string().meta({ example: 'IO_CI_01' }) }),
      response: { 201: planAnswer },
    },
    onRequest: guard.needsScope('plans:write'),
    handler: async (request, reply) =>
      reply.code(201).send(showVersion(plans.addVersion(request.body, instantOfMs(clock.now())))),
  });

  app.get('/v1/plans/schema', {
    schema: {
      tags: ['plans'],
      summary: 'The JSON Schema of plan documents',
      produces: ['application/schema+json'],
      response: { 200: z.looseObject({}) },
    },
    // The schema of schemas is open: it is sent as it is.
    serializerCompiler: () => JSON.stringify,
    onRequest: guard.needsScope('plans:read'),
    handler: async (_request, reply) => reply.type('application/schema+json').send(planSchema()),
  });

  app.post('/v1/plans/import', {
    schema: {
      tags: ['plans'],
      summary: 'Save a plan published in another format: CDR (EnergyPlanDetail) or URDB',
      description:
        'Every field of the source is priced, named among the notes as text, or refused by its name and place. Where it can be meant in two ways, the questions say what was taken; send the answers to choose otherwise.',
      body: importInput,
      response: { 200: importAnswer, 201: importAnswer },
    },
    // A document of ours keeps every field it has.
    serializerCompiler: () => JSON.stringify,
    onRequest: guard.needsScope('plans:write'),
    handler: async ({ body }, reply) => {
      const { source, from, dryRun, ...options } = body;
      const imported = importPlan(source, from, options);
      const plan = dryRun ? null : showVersion(plans.addVersion(imported.document, instantOfMs(clock.now())));
      return reply
        .code(dryRun ? 200 : 201)
        .send({ plan, ...imported, document: { planCode: '', ...imported.document } });
    },
  });

  app.get('/v1/plans/:code/versions/:version', {
    schema: {
      tags: ['plans'],
      summary: 'One version with its document',
      params: z.object({ code: z.string(), version: z.coerce.number().int().min(1) }),
      response: { 200: planAnswer },
    },
    onRequest: guard.needsScope('plans:read'),
    handler: async ({ params }) => {
      const version = plans.find(params.code, params.version);
      if (!version) throw new Refusal('plan-unknown', `there is no version ${params.version} of plan ${params.code}`);
      return { ...showVersion(version), document: version.plan.document };
    },
  });
}

function showVersion({ version, sha256, plan }: PlanVersion) {
  const { planCode, displayName, currency, effectiveFrom, effectiveTo } = plan;
  return { planCode, version, displayName, currency, effectiveFrom, effectiveTo: effectiveTo ?? null, sha256 };
}
