import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Guard } from '../access/guard.ts';
import { mayActAs } from '../access/user.ts';
import { showMoney } from '../billing/invoice-words.ts';
import { assert } from '../kernel/assert.ts';
import { csvLine } from '../kernel/csv.ts';
import { Refusal } from '../kernel/errors.ts';
import { type Cents, formatCents } from '../units/money.ts';
import { instantOfMs } from '../units/time.ts';
import { registerArchive } from './archive-route.ts';
import { formOf } from './form.ts';
import { registerImportDoors } from './import-doors.ts';
import { registerInvoicePdf } from './invoice-pdf-route.ts';
import { menuFor } from './menu.ts';
import type { AdminDeps, AdminOptions, AdminPage, PageAction, PageRequest } from './page.ts';
import { pageGroups, pages } from './pages/index.ts';
import { registerReadingExport } from './reading-export-route.ts';
import { registerSavedSearches, savedSearchesOf } from './saved-searches.ts';
import { registerSignIn } from './sign-in-routes.ts';
import { registerUsageFile } from './usage-file-route.ts';

/** Every page of the registry, signing in and out, and the theme; each POST must come from a form of our own. */
export async function registerPages(app: FastifyInstance, deps: AdminDeps, options: AdminOptions): Promise<void> {
  await app.register(async scope => {
    await scope.register(formbody, { bodyLimit: 100_000 });
    scope.addHook('preHandler', async (request, reply) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') await options.guard.needsOwnForm(request, reply);
    });
    registerSignIn(scope, deps.access, options);
    registerSavedSearches(scope, deps.savedSearches, options.guard);
    registerInvoicePdf(scope, deps, options.guard);
    registerReadingExport(scope, deps, options.guard);
    registerUsageFile(scope, deps, options.guard);
    registerArchive(scope, deps, options.guard);
    for (const page of pages) registerPage(scope, { page, deps, guard: options.guard });
  });
  // Its forms carry files, which the plain forms' parser would not take.
  await registerImportDoors(app, deps, options.guard);
}

/** A page with what it is loaded from, and who may see it. */
interface Served {
  page: AdminPage;
  deps: AdminDeps;
  guard: Guard;
}

function registerPage(app: FastifyInstance, served: Served): void {
  const { page, deps, guard } = served;
  const schema = { hide: true };
  app.get(page.url, { schema, onRequest: guard.needsUser(page.role) }, (request, reply) =>
    show(served, request, reply),
  );
  const { csv } = page;
  if (csv)
    app.get(`${page.url}.csv`, { schema, onRequest: guard.needsUser(page.role) }, async (request, reply) => {
      const { name, lines } = await csv(pageRequest(request, deps), deps);
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${name}.csv"`)
        .header('cache-control', 'no-store')
        .send(lines.map(csvLine).join(''));
    });
  for (const [name, action] of Object.entries(page.actions ?? {})) {
    app.post(`${page.url}/${name}`, { schema, onRequest: guard.needsUser(action.role) }, (request, reply) =>
      perform(served, { name, action }, request, reply),
    );
  }
}

async function perform(
  served: Served,
  { name, action }: { name: string; action: PageAction },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { deps } = served;
  const form = formOf(request.body);
  try {
    const result = await action.act({ ...pageRequest(request, deps), form }, deps);
    if ('to' in result) return reply.redirect(result.to, 303);
    return await show(served, request, reply, result.show);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const typed = Object.fromEntries(form);
    const problems = Object.fromEntries(error.fields.map(({ pointer, message }) => [pointer.slice(1), message]));
    const refused = { problem: sentenceOf(error), problems, typed, sent: name };
    return show(served, request, reply.code(error.status), refused);
  }
}

/** Forms have names beside their fields, so the fields' own sentences say more than their pointers. */
function sentenceOf({ message, fields }: Refusal): string {
  return fields.length > 0 ? fields.map(field => `${field.pointer.slice(1)} ${field.message}`).join(', ') : message;
}

async function show(
  { page, deps, guard }: Served,
  request: FastifyRequest,
  reply: FastifyReply,
  extra: Record<string, unknown> = {},
): Promise<FastifyReply> {
  const { user } = pageRequest(request, deps);
  // A page of somebody's customers does not belong into a shared or later cache.
  reply.header('cache-control', 'no-store');
  const loaded = await page.load(pageRequest(request, deps), deps);
  return reply.view(page.view, {
    title: page.title,
    ...loaded,
    ...('list' in loaded && request.method === 'GET' && { saved: savedSearchesOf(deps.savedSearches, request) }),
    ...extra,
    page,
    user,
    menu: menuFor(user, page, pageGroups),
    csrf: guard.formTokenFor(request, reply),
    zone: deps.zone,
    money: moneyIn(deps.currency),
    currency: deps.currency,
    mayAct: (name: string) => mayActAs(user.role, page.actions?.[name]?.role ?? 'admin'),
  });
}

/** Views say `it.money(amount)` for the books, and name the currency of a document that has its own. */
function moneyIn(currency: string) {
  return (amount: Cents | string, of = currency) =>
    showMoney(typeof amount === 'string' ? amount : formatCents(amount), of);
}

function pageRequest(request: FastifyRequest, deps: AdminDeps): PageRequest {
  assert(request.session, 'needsUser ran before the page');
  const { params } = request;
  return {
    params: Object.fromEntries(Object.entries(params ?? {}).map(([name, value]) => [name, String(value)])),
    query: new URLSearchParams(request.url.split('?', 2)[1] ?? ''),
    user: request.session.user,
    now: instantOfMs(deps.access.clock.now()),
  };
}
