import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf, type Guard } from '../access/guard.ts';
import { identifier } from '../accounts/account-fields.ts';
import { showAccount } from '../accounts/account-routes.ts';
import { day } from '../http/schemas.ts';
import { formatUtc, instant, instantOfMs } from '../units/time.ts';
import { type CloseAccountDeps, closeAccount, reopenAccount } from './close-account.ts';
import type { RecordedFee } from './fee-store.ts';
import { recordFee } from './record-fee.ts';
import { addSupply, changeTerms, type SupplyDeps, type SupplyWithTerms } from './supply-contract.ts';
import { type RecordedTerms, supplyTerms } from './supply-terms.ts';

const account = z.object({ number: z.string() });
const newSupply = z.strictObject({
  meterPoint: identifier,
  plan: z.string().min(1).max(60),
  from: day,
  to: day.optional(),
  terms: supplyTerms.optional(),
});
const newTerms = z.strictObject({
  from: day.meta({ description: 'The first day on which they hold; no day that is billed already' }),
  to: day.optional(),
  terms: supplyTerms,
});
const newFee = z.strictObject({
  code: z.string().min(1).max(32).meta({ example: 'LATE', description: 'A fee of the plan with trigger EVENT' }),
  on: day.meta({ example: '2026-11-21' }),
  reason: z.string().trim().max(200).default('').meta({ description: 'Printed beside the fee' }),
  meterPoint: identifier.optional().meta({ description: 'Needed where the account has several that day' }),
});
const closing = z.strictObject({
  from: day.meta({ description: 'The first day on which nothing is supplied any more', example: '2026-12-01' }),
  confirmed: z.boolean().default(false).meta({ description: 'Days that are not billed are known' }),
});
const anyObject = z.looseObject({});
const supplyAnswer = z.looseObject({ id: z.int(), meterPoint: z.string(), terms: z.array(anyObject) });
const feeAnswer = z.object({ id: z.int(), supply: z.int(), code: z.string(), on: z.string(), reason: z.string() });

/** Which meter points an account pays for, on what terms, and the fees that fell due. */
export function registerSupplyRoutes(root: FastifyInstance, deps: SupplyDeps & CloseAccountDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  const reads = guard.needsScope('accounts:read');
  const writes = guard.needsScope('accounts:write');
  const now = () => instantOfMs(deps.clock.now());
  const by = (request: FastifyRequest) => ({ who: callerOf(request), at: now() });
  const show = (supply: SupplyWithTerms) => showSupply(supply, deps);

  app.get('/v1/accounts/:number', {
    schema: {
      tags: ['accounts'],
      summary: 'One account with its supplies and their terms',
      params: account,
      response: { 200: anyObject },
    },
    onRequest: reads,
    handler: async ({ params }) => {
      const found = deps.accounts.get(params.number);
      const supplies = deps.supplies.listOfAccount(found.id);
      return {
        ...showAccount(found),
        closedFrom: deps.accounts.findClosing(found.id)?.closedFrom ?? null,
        supplies: supplies.map(supply => show({ ...supply, records: deps.supplyTerms.listOfSupply(supply.id) })),
      };
    },
  });

  app.post('/v1/accounts/:number/close', {
    schema: {
      tags: ['accounts'],
      summary: 'Close an account',
      description:
        'What is supplied to it ends; nothing is deleted. Refused while days are not billed, unless "confirmed" says that this is known: those before the closing are billed by the next bill run.',
      params: account,
      body: closing,
      response: { 200: anyObject },
    },
    onRequest: writes,
    handler: async request => {
      const { number } = request.params;
      closeAccount(deps, number, request.body, by(request));
      return { number, closedFrom: request.body.from };
    },
  });

  app.post('/v1/accounts/:number/reopen', {
    schema: {
      tags: ['accounts'],
      summary: 'Open a closed account again',
      description: 'What its closing ended goes on, unless a meter point is supplied to somebody else by now.',
      params: account,
      response: { 200: anyObject },
    },
    onRequest: writes,
    handler: async request => {
      reopenAccount(deps, request.params.number, by(request));
      return { number: request.params.number, closedFrom: null };
    },
  });

  app.post('/v1/accounts/:number/supplies', {
    schema: {
      tags: ['accounts'],
      summary: 'Bill a meter point to the account',
      description:
        'From a local day up to but not including another, on a price plan, with what the contract says besides: prices of its own, loss factors, concessions, how missing readings are filled.',
      params: account,
      body: newSupply,
      response: { 201: supplyAnswer },
    },
    onRequest: writes,
    handler: async ({ params, body }, reply) => reply.code(201).send(show(addSupply(deps, params.number, body, now()))),
  });

  app.post('/v1/accounts/:number/supplies/:id/terms', {
    schema: {
      tags: ['accounts'],
      summary: 'Record other terms of a supply',
      description:
        'A record, never an edit: on each of its days it takes the place of what was recorded before, whole. Days that are billed already are refused.',
      params: account.extend({ id: z.coerce.number().int() }),
      body: newTerms,
      response: { 201: supplyAnswer },
    },
    onRequest: writes,
    handler: async ({ params, body }, reply) =>
      reply.code(201).send(show(changeTerms(deps, params.number, params.id, body, now()))),
  });

  app.get('/v1/accounts/:number/fees', {
    schema: {
      tags: ['billing'],
      summary: 'Fees that fell due',
      params: account,
      response: { 200: z.object({ data: z.array(feeAnswer) }) },
    },
    onRequest: guard.needsScope('bills:read'),
    handler: async ({ params }) => ({
      data: deps.fees.listOfAccount(deps.accounts.get(params.number).id).map(showFee),
    }),
  });

  app.post('/v1/accounts/:number/fees', {
    schema: {
      tags: ['billing'],
      summary: 'Record a fee that fell due',
      description: 'The bill of that day charges what the plan says for it.',
      params: account,
      body: newFee,
      response: { 201: feeAnswer },
    },
    onRequest: guard.needsScope('bills:write'),
    handler: async ({ params, body }, reply) =>
      reply.code(201).send(showFee(recordFee(deps, params.number, body, now()))),
  });
}

function showSupply({ records, ...supply }: SupplyWithTerms, { meterPoints }: SupplyDeps) {
  const { identifier: meterPoint } = meterPoints.getById(supply.meterPointId);
  const { id, planCode: plan, from, to } = supply;
  return { id, meterPoint, plan, from, to: to ?? null, terms: records.map(showTerms) };
}

function showTerms({ from, to, recordedAt, terms }: RecordedTerms) {
  return { from, to: to ?? null, recordedAt: formatUtc(instant(recordedAt)), ...terms };
}

function showFee({ id, supplyId: supply, code, on, reason }: RecordedFee) {
  return { id, supply, code, on, reason };
}
