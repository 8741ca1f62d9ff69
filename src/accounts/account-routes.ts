import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf, type Guard } from '../access/guard.ts';
import { strictQuery } from '../http/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import { formatUtc, instant, instantOfMs } from '../units/time.ts';
import type { Account } from './account.ts';
import { accountChange, listed, listPage, newAccount } from './account-fields.ts';
import { type ChangeAccountDeps, changeAccount, openAccount } from './change-account.ts';

export interface AccountRouteDeps extends ChangeAccountDeps {
  clock: Clock;
}

const anyObject = z.looseObject({});

/** /v1/accounts; what is supplied to whom, and on which terms, is billing/supply-routes.ts. */
export function registerAccountRoutes(root: FastifyInstance, deps: AccountRouteDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  const { accounts, clock } = deps;
  const by = (request: FastifyRequest) => ({ who: callerOf(request), at: instantOfMs(clock.now()) });
  const reads = guard.needsScope('accounts:read');
  const writes = guard.needsScope('accounts:write');

  app.get('/v1/accounts', {
    schema: { tags: ['accounts'], summary: 'Accounts', querystring: strictQuery(listPage), response: { 200: listed } },
    onRequest: reads,
    handler: async ({ query }) => ({
      data: accounts.list(query).map(showAccount),
      total: accounts.count(query.search),
    }),
  });

  app.post('/v1/accounts', {
    schema: { tags: ['accounts'], summary: 'Open an account', body: newAccount, response: { 201: anyObject } },
    onRequest: writes,
    handler: async (request, reply) => reply.code(201).send(showAccount(openAccount(deps, request.body, by(request)))),
  });

  app.patch('/v1/accounts/:number', {
    schema: {
      tags: ['accounts'],
      summary: 'Change what is said of an account',
      description: 'What is left out stays. The version is the one that was read; the audit trail keeps both.',
      params: z.object({ number: z.string() }),
      body: accountChange,
      response: { 200: anyObject },
    },
    onRequest: writes,
    handler: async request => showAccount(changeAccount(deps, request.params.number, request.body, by(request))),
  });
}

/** As the API says it, without the row's number. */
export function showAccount({ id: _id, createdAt, ...account }: Account) {
  return { ...account, createdAt: formatUtc(instant(createdAt)) };
}
