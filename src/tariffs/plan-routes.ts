import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { instantOfMs } from '../units/time.ts';
import type { PlanVersion } from './plan.ts';
import type { PlanStore } from './plan-store.ts';

export interface PlanRouteDeps {
  plans: PlanStore;
  clock: Clock;
}

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
