import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Clock } from '../kernel/clock.ts';
import { Refusal } from '../kernel/errors.ts';
import { sha256 } from '../kernel/ids.ts';
import { instantOfMs } from '../units/time.ts';
import type { IdempotencyKey, IdempotencyStore } from './idempotency-store.ts';

interface IdempotencyOptions {
  store: IdempotencyStore;
  clock: Clock;
  /** Who sent it: a key means nothing to anybody else. */
  ownerOf: (request: FastifyRequest) => string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What the body was before its schema changed it. */
    fingerprint: string | null;
    /** The key this request holds until it is answered. */
    heldKey: IdempotencyKey | null;
  }
}

/** Whether a route knows `Idempotency-Key`: the POSTs of programs, under /v1 and wherever else an API key is asked for. */
export function takesKey({ method, url, onRequest }: Pick<RouteOptions, 'method' | 'url' | 'onRequest'>): boolean {
  const ofPrograms = url.startsWith('/v1/') || [onRequest].flat().some(hook => hook && 'scope' in hook);
  return method === 'POST' && ofPrograms && !withoutKeys.includes(url);
}

const keptSeconds = 24 * 3600;
const keyForm = /^[\x21-\x7e]{1,255}$/;
// Readings and files are recognised by what they say: the same one again changes nothing.
const withoutKeys = ['/v1/readings', '/v1/imports', '/readings', '/receive_meter_reading', '/api/flow-files/upload/'];

/**
 * `Idempotency-Key` on every POST of a program: a success is answered once more, word for word, to the same request under the same key
 * for 24 hours, over restarts. What was refused is not kept, so that it can be sent again when mended. Call before the routes.
 */
export function registerIdempotency(app: FastifyInstance, { store, clock, ownerOf }: IdempotencyOptions): void {
  const underWay = new Set<string>();
  app.decorateRequest('fingerprint', null);
  app.decorateRequest('heldKey', null);
  app.addHook('onRoute', route => {
    if (!takesKey(route)) return;
    // Before validation changes the body; claimed behind it, so that what fails there holds no key.
    route.preValidation = [...hooksOf(route.preValidation), noteFingerprint];
    route.preHandler = [...hooksOf(route.preHandler), claim];
    route.onSend = [...hooksOf(route.onSend), keep];
  });

  async function noteFingerprint(request: FastifyRequest) {
    if (request.headers['idempotency-key'] === undefined) return;
    const body = Buffer.isBuffer(request.body) ? request.body.toString('base64') : JSON.stringify(request.body);
    request.fingerprint = sha256(`${request.method} ${request.url}\n${body}`);
  }

  async function claim(request: FastifyRequest, reply: FastifyReply) {
    const { fingerprint } = request;
    if (fingerprint === null) return;
    const held = { owner: ownerOf(request), key: keyOf(request) };
    const now = instantOfMs(clock.now());
    store.forgetBefore(now - keptSeconds);
    const known = store.find(held);
    if (!known) {
      store.claim(held, fingerprint, now);
      underWay.add(nameOf(held));
      request.heldKey = held;
      return;
    }
    if (known.fingerprint !== fingerprint)
      throw new Refusal('idempotency-key-reused', `The key "${held.key}" came with another request before.`);
    if (!known.answer) {
      if (underWay.has(nameOf(held)))
        throw new Refusal('idempotency-key-in-flight', `The request with the key "${held.key}" is being carried out.`);
      throw new Refusal('idempotency-outcome-unknown', `The request with the key "${held.key}" was interrupted.`);
    }
    const { status, contentType, location, body } = known.answer;
    if (location !== null) reply.header('location', location);
    // Serialized already: it leaves as it left before.
    return reply
      .code(status)
      .header('content-type', contentType)
      .header('idempotency-replayed', 'true')
      .serializer(String)
      .send(body);
  }

  async function keep(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
    const held = request.heldKey;
    if (!held) return payload;
    request.heldKey = null;
    underWay.delete(nameOf(held));
    const status = reply.statusCode;
    if (status >= 200 && status < 300 && typeof payload === 'string') {
      const location = reply.getHeader('location');
      store.keep(held, {
        status,
        contentType: String(reply.getHeader('content-type')),
        location: location === undefined ? null : String(location),
        body: payload,
      });
    } else if (status < 500) store.release(held);
    // After a fault of ours nobody knows how far it came: the key stays, and says so.
    return payload;
  }
}

function hooksOf<Hook>(hooks: Hook | Hook[] | undefined): Hook[] {
  if (hooks === undefined) return [];
  return Array.isArray(hooks) ? hooks : [hooks];
}

function keyOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  if (typeof key === 'string' && keyForm.test(key)) return key;
  throw new Refusal('idempotency-key-invalid', 'The Idempotency-Key is not 1 to 255 printable characters.');
}

function nameOf({ owner, key }: IdempotencyKey): string {
  return `${owner}\n${key}`;
}
