import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.ts';
import { type Guard, signInPath } from '../access/guard.ts';
import { signIn } from '../access/sign-in.ts';
import { isLocalPath } from '../http/href.ts';
import { readTheme, themeCookie } from '../http/render.ts';
import { secondsPerDay } from '../units/time.ts';
import { formOf } from './form.ts';
import type { AdminOptions } from './page.ts';

const schema = { hide: true };
const home = '/admin';

/** GET and POST /admin/sign-in, POST /admin/sign-out, POST /admin/theme. */
export function registerSignIn(app: FastifyInstance, access: Access, { guard, https }: AdminOptions): void {
  app.get<{ Querystring: { next?: string } }>(signInPath, { schema }, (request, reply) =>
    showForm(guard, request, reply, { next: safeNext(request.query.next) }),
  );

  app.post(signInPath, { schema }, async (request, reply) => {
    const form = formOf(request.body);
    const name = form.get('name') ?? '';
    const next = safeNext(form.get('next'));
    const formerSessionId = guard.sessionIdOf(request);
    const credentials = { name, password: form.get('password') ?? '', address: request.ip };
    const result = await signIn(access, { ...credentials, ...(formerSessionId && { formerSessionId }) });
    if (result.ok) {
      guard.beginSession(reply, result.session);
      return reply.redirect(next, 303);
    }
    if (result.waitSeconds > 0) reply.header('retry-after', result.waitSeconds);
    return showForm(guard, request, reply.code(result.refusal.status), { next, name, problem: result.refusal.message });
  });

  app.post('/admin/sign-out', { schema, onRequest: guard.needsUser('viewer') }, (request, reply) => {
    guard.endSession(request, reply);
    return reply.redirect(signInPath, 303);
  });

  app.post('/admin/theme', { schema, onRequest: guard.needsUser('viewer') }, (request, reply) => {
    const form = formOf(request.body);
    const theme = readTheme(form.get('theme') ?? undefined);
    const cookie = { path: '/', httpOnly: true, sameSite: 'lax', secure: https, maxAge: 365 * secondsPerDay } as const;
    return reply.setCookie(themeCookie, theme, cookie).redirect(safeNext(form.get('back')), 303);
  });
}

function showForm(guard: Guard, request: FastifyRequest, reply: FastifyReply, data: object): FastifyReply {
  const csrf = guard.formTokenFor(request, reply);
  return reply.header('cache-control', 'no-store').view('sign-in', { title: 'Sign in', name: '', csrf, ...data });
}

/** Where to go afterwards: a page of the admin, whatever somebody wrote into the link. */
function safeNext(text: unknown): string {
  const isPage = typeof text === 'string' && isLocalPath(text) && /^\/admin(?:[/?]|$)/.test(text);
  return isPage && !text.startsWith(signInPath) ? text : home;
}
