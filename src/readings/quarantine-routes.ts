import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf, type Guard } from '../access/guard.ts';
import { line, strictQuery } from '../http/schemas.ts';
import { formatUtc, instant } from '../units/time.ts';
import { applyQuarantined, type Chosen, discardQuarantined, type QuarantineDeps } from './apply-quarantined.ts';
import { type ListedQuarantined, type QuarantineFilter, quarantineStates } from './quarantine-store.ts';
import { ruleNames, rules } from './rules.ts';
import type { SourceStore } from './source-store.ts';

const rule = z.enum(ruleNames);
const pageMax = 1000;

const chosen = {
  ids: z.array(z.int().min(1)).min(1).max(pageMax).optional().meta({ description: 'Numbers of GET /v1/quarantine' }),
  all: z
    .strictObject({ rule: rule.optional(), meterPoint: z.string().max(40).optional() })
    .optional()
    .meta({ description: 'Instead of ids: everything that waits and fits; {} is everything' }),
};
const oneOfBoth = ({ ids, all }: z.infer<z.ZodObject<typeof chosen>>) => (ids === undefined) !== (all === undefined);
const oneOfBothMessage = { message: 'either ids or all', path: ['ids'] };
const toApply = z.strictObject(chosen).refine(oneOfBoth, oneOfBothMessage);
const toDiscard = z.strictObject({ ...chosen, reason: line.min(1).max(500) }).refine(oneOfBoth, oneOfBothMessage);

const entry = z
  .object({
    id: z.int(),
    state: z.enum(quarantineStates),
    rule,
    says: z.string(),
    meterPoint: z.string(),
    kind: z.enum(['register', 'channel']),
    code: z.string().meta({ description: 'Of the register or channel; empty when none was named' }),
    at: z.string().meta({ description: 'As it was sent' }),
    value: z.string().meta({ description: 'As it was sent; empty when it is missing' }),
    receivedAt: z.string(),
    source: z.object({ kind: z.string(), reference: z.string(), line: z.int().optional() }).optional(),
    decidedAt: z.string().optional(),
    decidedBy: z.string().optional(),
    reason: z.string().optional().meta({ description: 'Why it was discarded, or what became of it' }),
  })
  .meta({ id: 'QuarantinedReading' });

/** GET /v1/quarantine, and what becomes of what is in it. */
export function registerQuarantineRoutes(
  root: FastifyInstance,
  deps: QuarantineDeps & { sources: SourceStore },
  guard: Guard,
): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  app.get('/v1/quarantine', {
    schema: {
      tags: ['readings'],
      summary: 'Readings that a rule put aside',
      description:
        'Newest first. They were acknowledged and are on disk, and nobody counts them before they are applied.',
      querystring: strictQuery({
        state: z.enum(quarantineStates).default('waiting'),
        rule: rule.optional(),
        meterPoint: z.string().max(40).optional().meta({ description: 'Part of the identifier' }),
        before: z.coerce.number().int().min(1).optional().meta({ description: 'Those with a number below this one' }),
        limit: z.coerce.number().int().min(1).max(pageMax).default(100),
      }),
      response: { 200: z.object({ total: z.int(), data: z.array(entry) }) },
    },
    onRequest: guard.needsScope('readings:read'),
    handler: async request => {
      const { before, limit, meterPoint = '', rule: wanted = '', state } = request.query;
      const filter: QuarantineFilter = { state, rule: wanted, search: meterPoint };
      const found = deps.quarantine.list({ ...filter, limit, ...(before && { beforeId: before }) });
      return { total: deps.quarantine.count(filter), data: found.map(each => showEntry(each, deps.sources)) };
    },
  });
  app.post('/v1/quarantine/apply', {
    schema: {
      tags: ['readings'],
      summary: 'Let readings in that wait',
      description:
        'By the rules as they stand now: what was to be looked at is kept with a flag. What cannot be kept waits on, with why.',
      body: toApply,
      response: {
        200: z.object({ applied: z.int(), waiting: z.array(z.object({ id: z.int(), message: z.string() })) }),
      },
    },
    onRequest: guard.needsScope('readings:write'),
    handler: request => applyQuarantined(deps, chosenOf(request.body), callerOf(request)),
  });
  app.post('/v1/quarantine/discard', {
    schema: {
      tags: ['readings'],
      summary: 'Say that readings that wait are not to be let in',
      description: 'They are kept with the reason and can be listed with state=discarded.',
      body: toDiscard,
      response: { 200: z.object({ discarded: z.int() }) },
    },
    onRequest: guard.needsScope('readings:write'),
    handler: async request => ({
      discarded: await discardQuarantined(deps, chosenOf(request.body), request.body.reason, callerOf(request)),
    }),
  });
}

function chosenOf({ ids, all }: z.infer<typeof toApply>): Chosen {
  return ids ?? { rule: all?.rule ?? '', search: all?.meterPoint ?? '' };
}

function showEntry(listed: ListedQuarantined, sources: SourceStore) {
  const { id, state, rule: name, meterPoint, kind, code, stamp, value, receivedAt, line: at, decidedAt } = listed;
  const source = sources.find(listed.source);
  return {
    ...{ id, state, rule: name, says: rules[name].says, meterPoint, kind, code, at: stamp, value },
    receivedAt: formatUtc(instant(receivedAt)),
    ...(source && { source: { kind: source.kind, reference: source.reference, ...(at > 0 && { line: at }) } }),
    ...(decidedAt !== null && {
      decidedAt: formatUtc(instant(decidedAt)),
      decidedBy: listed.decidedBy,
      reason: listed.reason,
    }),
  };
}
