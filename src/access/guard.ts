import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { href } from '../http/href.ts';
import { assert } from '../kernel/assert.ts';
import { Refusal } from '../kernel/errors.ts';
import { randomToken } from '../kernel/ids.ts';
import { instantOfMs } from '../units/time.ts';
import type { Access } from './access.ts';
import { type ApiKey, bearerToken, isLive } from './api-key.ts';
import { formToken, isFormToken, isSameOrigin } from './form-token.ts';
import { RequestAllowance } from './request-allowance.ts';
import { allows, type Scope } from './scopes.ts';
import { type Session, sessionAgeSecondsMax } from './session-store.ts';
import { networkOf } from './sign-in-throttle.ts';
import { mayActAs, type Role } from './user.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key a program came in with; set by needsScope. */
    apiKey: ApiKey | null;
    /** The session a person came in with; set by needsUser. */
    session: Session | null;
  }
}

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

export interface Guard {
  /** onRequest hook: before the body is read, so that a stranger cannot make us parse eight megabytes. */
  needsScope(scope: Scope): Hook & { scope: Scope };
  /**
   * The key of a request that `needsScope` would let through, its use counted. undefined for one that it would not, and nothing is
   * counted: the route is to say why.
   */
  admit(authorization: string, scope: Scope): ApiKey | undefined;
  /** The same for paths that may be read by anybody when a setting says so; a key that is shown must be right all the same. */
  mayReadWith(scope: Scope): Hook & { scope: Scope };
  /** onRequest hook for pages: leads to the sign-in page and back. */
  needsUser(role: Role): Hook;
  /** preHandler hook for every form: made by this host, for this session. */
  needsOwnForm: Hook;
  /** The token to put into forms; gives the browser a visit cookie when nobody is signed in. */
  formTokenFor(request: FastifyRequest, reply: FastifyReply): string;
  sessionIdOf(request: FastifyRequest): string | undefined;
  beginSession(reply: FastifyReply, session: Session): void;
  endSession(request: FastifyRequest, reply: FastifyReply): void;
}

interface GuardOptions {
  /** Cookies are sent by https only. */
  https: boolean;
  /** What each key may ask for, readers without one a tenth of it by address; no limit when absent or 0. */
  requestsPerHour?: number;
  /** Lets everybody read what `mayReadWith` guards. */
  anonymousReading?: boolean;
}

export const signInPath = '/admin/sign-in';

/** Decorates requests, so call it on the root instance; needs @fastify/cookie. */
export function createGuard(app: FastifyInstance, { sessions, keys, clock }: Access, options: GuardOptions): Guard {
  const { https, requestsPerHour = 0, anonymousReading = false } = options;
  app.decorateRequest('apiKey', null);
  app.decorateRequest('session', null);
  // __Host- makes the browser itself refuse the cookie from a subdomain or without https.
  const prefix = https ? '__Host-' : '';
  const sessionCookie = `${prefix}wattledger_session`;
  const visitCookie = `${prefix}wattledger_visit`;
  const cookieOptions = { path: '/', httpOnly: true, sameSite: 'lax', secure: https } as const;
  const now = () => instantOfMs(clock.now());
  const allowances = requestsPerHour > 0 && {
    keys: new RequestAllowance(requestsPerHour),
    strangers: new RequestAllowance(Math.max(1, requestsPerHour / 10)),
  };
  const grant = (kind: 'keys' | 'strangers', caller: string, reply: FastifyReply) => {
    const waitSeconds = allowances ? allowances[kind].take(caller, clock.now()) : 0;
    if (waitSeconds === 0) return;
    reply.header('retry-after', String(waitSeconds));
    throw new Refusal('rate-limited', `Next request in ${waitSeconds} s.`);
  };
  const formSecret = (request: FastifyRequest) => request.session?.id ?? request.cookies[visitCookie];

  const needsScope: Guard['needsScope'] = scope => {
    const hook: Hook = async (request, reply) => {
      const secret = bearerToken(request.headers.authorization);
      if (!secret) throw challenge(reply, '', new Refusal('key-missing', 'The request carries no API key.'));
      const key = keys.findKnown(secret);
      if (!key || !isLive(key, now()))
        throw challenge(
          reply,
          ', error="invalid_token"',
          new Refusal('key-unknown', 'The API key is unknown, expired or revoked.'),
        );
      if (!allows(key.scopes, scope)) {
        const refusal = new Refusal(
          'scope-missing',
          `This needs the scope ${scope}; the key has ${key.scopes.join(', ')}.`,
        );
        throw challenge(reply, `, error="insufficient_scope", scope="${scope}"`, refusal);
      }
      grant('keys', String(key.id), reply);
      keys.noteUse(key, now());
      request.apiKey = key;
    };
    // The API's description reads it from the hook.
    return Object.assign(hook, { scope });
  };

  return {
    needsScope,

    admit: (authorization, scope) => {
      const secret = bearerToken(authorization);
      const key = secret ? keys.findKnown(secret) : undefined;
      if (!key || !isLive(key, now()) || !allows(key.scopes, scope)) return undefined;
      if (allowances && allowances.keys.take(String(key.id), clock.now()) > 0) return undefined;
      keys.noteUse(key, now());
      return key;
    },

    mayReadWith: scope => {
      const needsKey = needsScope(scope);
      const hook: Hook = async (request, reply) => {
        if (!anonymousReading || request.headers.authorization !== undefined) return needsKey(request, reply);
        grant('strangers', networkOf(request.ip), reply);
      };
      return Object.assign(hook, { scope });
    },

    needsUser: role => async (request, reply) => {
      const id = request.cookies[sessionCookie];
      const session = id ? sessions.find(id, now()) : undefined;
      if (!session) {
        const next = request.method === 'GET' ? request.url : undefined;
        return reply.redirect(href(signInPath, [], { next }), 303);
      }
      if (!mayActAs(session.user.role, role))
        throw new Refusal('role-missing', `This needs the role ${role}; yours is ${session.user.role}.`);
      request.session = session;
    },

    needsOwnForm: async request => {
      const secret = formSecret(request);
      const sent = bodyField(request.body, 'csrf');
      if (!isSameOrigin(request.headers, request.host) || !secret || !isFormToken(sent, secret))
        throw new Refusal('form-stale', 'The form carries no valid token for this session.');
    },

    formTokenFor: (request, reply) => {
      const known = formSecret(request);
      if (known) return formToken(known);
      const visit = randomToken();
      reply.setCookie(visitCookie, visit, cookieOptions);
      return formToken(visit);
    },

    sessionIdOf: request => request.cookies[sessionCookie],

    beginSession: (reply, session) => {
      reply.setCookie(sessionCookie, session.id, { ...cookieOptions, maxAge: sessionAgeSecondsMax });
      reply.clearCookie(visitCookie, cookieOptions);
    },

    endSession: (request, reply) => {
      const id = request.cookies[sessionCookie];
      if (id) sessions.end(id);
      reply.clearCookie(sessionCookie, cookieOptions);
    },
  };
}

/** The program that asks, as the audit trail names it: "key:7". Only behind `needsScope`. */
export function callerOf({ apiKey }: FastifyRequest): string {
  assert(apiKey, 'needsScope ran before the handler');
  return `key:${apiKey.id}`;
}

/** RFC 6750: says which kind of key is wanted and what was wrong with the one sent. */
function challenge(reply: FastifyReply, problem: string, refusal: Refusal): Refusal {
  reply.header('www-authenticate', `Bearer realm="wattledger"${problem}`);
  return refusal;
}

function bodyField(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined;
}
