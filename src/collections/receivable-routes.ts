import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import { day, strictQuery } from '../http/schemas.ts';
import { formatCents, parseCents } from '../units/money.ts';
import { addDays, dayOf, instantOfMs } from '../units/time.ts';
import { accountStatement } from './account-statement.ts';
import { paymentMethods } from './payment.ts';
import { type AgedReceivable, invoiceStates, type ListedInvoice, type ReceivableStore } from './receivable-store.ts';
import { type RecordPaymentDeps, recordPayment } from './record-payment.ts';

export interface ReceivableRouteDeps extends RecordPaymentDeps {
  receivables: ReceivableStore;
}

const money = z.string().transform((text, context) => {
  const parsed = parseCents(text);
  if (parsed === undefined) context.addIssue({ code: 'custom', message: 'write money as "439.63"' });
  return parsed ?? z.NEVER;
});
const newPayment = z.strictObject({
  account: z.string().min(1).max(40),
  receivedOn: day.meta({ example: '2026-11-21' }),
  amount: money.meta({ example: '439.63' }),
  method: z.enum(paymentMethods),
  reference: z.string().max(140).default(''),
  key: z.string().min(1).max(140).meta({
    description: "Names the payment for ever, such as the bank's own reference: sent twice it is one payment",
  }),
});
const paymentAnswer = z.object({
  account: z.string(),
  amount: z.string(),
  receivedOn: z.string(),
  duplicate: z.boolean(),
});
const listAnswer = z.object({ data: z.array(z.looseObject({ number: z.string() })), total: z.int() });
const agedAnswer = z.object({
  asOf: z.string(),
  data: z.array(
    z.object({
      account: z.string(),
      current: z.string(),
      days1to30: z.string(),
      days31to60: z.string(),
      days61to90: z.string(),
      daysOver90: z.string(),
      unallocatedCredit: z.string(),
      otherDebits: z.string(),
      balance: z.string(),
    }),
  ),
});
const statementAnswer = z.object({ data: z.array(z.looseObject({ balance: z.string() })) });

/** Payments in, open invoices and statements out. */
export function registerReceivableRoutes(root: FastifyInstance, deps: ReceivableRouteDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();

  app.post('/v1/payments', {
    schema: {
      tags: ['billing'],
      summary: 'Record a payment',
      body: newPayment,
      response: { 200: paymentAnswer, 201: paymentAnswer },
    },
    onRequest: guard.needsScope('bills:write'),
    handler: async ({ body }, reply) => {
      const { account, key: dedupeKey, ...payment } = body;
      const { payment: kept, duplicate } = recordPayment(deps, account, { ...payment, dedupeKey });
      const answer = { account, amount: formatCents(kept.amount), receivedOn: kept.receivedOn, duplicate };
      return duplicate ? reply.code(200).send(answer) : reply.code(201).send(answer);
    },
  });

  app.get('/v1/invoices', {
    schema: {
      tags: ['billing'],
      summary: 'Issued invoices, newest first',
      querystring: strictQuery({
        search: z.string().max(100).default(''),
        status: z.enum(invoiceStates).optional(),
        account: z.string().max(40).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
        offset: z.coerce.number().int().min(0).default(0),
      }),
      response: { 200: listAnswer },
    },
    onRequest: guard.needsScope('bills:read'),
    handler: async ({ query }) => {
      const today = dayOf(instantOfMs(deps.clock.now()), deps.businessZone);
      return {
        data: deps.receivables.listInvoices(today, query).map(showInvoice),
        total: deps.receivables.countInvoices(today, query),
      };
    },
  });

  app.get('/v1/receivables/aged', {
    schema: {
      tags: ['billing'],
      summary: 'What each account owes, by days past the due day, at the end of a day',
      querystring: strictQuery({ asOf: day.optional().meta({ example: '2026-11-21' }) }),
      response: { 200: agedAnswer },
    },
    onRequest: guard.needsScope('bills:read'),
    handler: async ({ query }) => {
      const asOf = query.asOf ?? dayOf(instantOfMs(deps.clock.now()), deps.businessZone);
      return { asOf, data: deps.receivables.listAged(asOf).map(showAged) };
    },
  });

  app.get('/v1/accounts/:number/statement', {
    schema: {
      tags: ['billing'],
      summary: 'Invoices and payments of an account with the balance after each',
      params: z.object({ number: z.string() }),
      response: { 200: statementAnswer },
    },
    onRequest: guard.needsScope('bills:read'),
    handler: async ({ params }) => ({
      data: accountStatement(deps, params.number).map(({ amount, balance, ...entry }) => ({
        ...entry,
        amount: formatCents(amount),
        balance: formatCents(balance),
      })),
    }),
  });
}

function showInvoice({ charges, open, to, ...invoice }: ListedInvoice) {
  // The API says the last day, as the invoice does.
  return { ...invoice, to: addDays(to, -1), currentCharges: formatCents(charges), open: formatCents(open) };
}

function showAged({ accountNumber, ...aged }: AgedReceivable) {
  return {
    account: accountNumber,
    current: formatCents(aged.current),
    days1to30: formatCents(aged.days1to30),
    days31to60: formatCents(aged.days31to60),
    days61to90: formatCents(aged.days61to90),
    daysOver90: formatCents(aged.daysOver90),
    unallocatedCredit: formatCents(aged.unallocatedCredit),
    otherDebits: formatCents(aged.otherDebits),
    balance: formatCents(aged.balance),
  };
}
