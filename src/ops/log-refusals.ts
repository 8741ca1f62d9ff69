import type { FastifyInstance } from 'fastify';
import type { Clock } from '../kernel/clock.ts';

/**
 * A line for each request of a known API key that was refused, so that somebody who quotes its number can be helped: at most one a second
 * for each key, because one that goes wrong in a loop must not fill the disk; the next line says how many were left out. Meters that
 * hand in readings are counted instead. Call before the routes.
 */
export function logRefusals(app: FastifyInstance, { clock }: { clock: Clock }): void {
  const last = new Map<number, { second: number; leftOut: number }>();
  app.addHook('onResponse', async (request, reply) => {
    const key = request.apiKey;
    const status = reply.statusCode;
    if (!key || status < 400 || request.routeOptions.logLevel === 'warn') return;
    const second = Math.floor(clock.now() / 1000);
    const before = last.get(key.id);
    if (before?.second === second) {
      before.leftOut += 1;
      return;
    }
    last.set(key.id, { second, leftOut: 0 });
    const [path = ''] = request.url.split('?', 1);
    const leftOut = before && before.leftOut > 0 ? { leftOut: before.leftOut } : {};
    request.log.info({ by: key.name, method: request.method, path, status, ...leftOut }, 'refused');
  });
}
