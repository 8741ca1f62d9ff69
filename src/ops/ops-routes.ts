import type { FastifyInstance } from 'fastify';
import type { House } from '../house.ts';
import { Refusal } from '../kernel/errors.ts';
import { createMetrics } from './metrics.ts';
import { readiness } from './readiness.ts';

const hidden = { hide: true };
const loopback = /^(127\.|::1$|::ffff:127\.)/;

/** /healthz: the process answers. /readyz: it can keep readings. /metrics: for Prometheus. None of them tells a secret. */
export function registerOpsRoutes(app: FastifyInstance, house: House): void {
  app.get('/healthz', { schema: hidden }, () => ({ status: 'alive' }));

  app.get('/readyz', { schema: hidden }, async (_request, reply) => {
    const { ready, checks } = await readiness(house);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks });
  });

  if (house.config.metrics === 'off') return;
  const registry = createMetrics(house);
  app.get('/metrics', { schema: hidden }, async (request, reply) => {
    if (house.config.metrics === 'loopback' && !loopback.test(request.ip))
      throw new Refusal('route-unknown', 'Nothing answers at /metrics.');
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
