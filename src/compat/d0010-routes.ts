import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import { acceptUploads } from '../imports/receive-upload.ts';
import { registerFlowFiles, registerUpload } from './d0010-flow-file-routes.ts';
import { registerMeterPoints, registerMeters } from './d0010-meter-routes.ts';
import { registerReadings } from './d0010-reading-routes.ts';
import { type D0010RouteDeps, tags } from './d0010-route-deps.ts';
import { answerAsDjango, originOf } from './django-rest.ts';

/**
 * The paths, parameters and answers of the D0010 importer's REST API, for scripts that already speak it: files, meter points, meters and
 * the dial values that files brought. A parameter that is none is a 400, and a key is needed, unless reading without one is turned on.
 */
export function registerD0010Routes(root: FastifyInstance, deps: D0010RouteDeps, guard: Guard): void {
  root.register(async scope => {
    answerAsDjango(scope);
    registerFlowFiles(scope, deps, guard);
    registerMeterPoints(scope, deps, guard);
    registerMeters(scope, deps, guard);
    registerReadings(scope, deps, guard);
    registerRoot(scope, deps, guard);
    for (const [from, to] of [
      ['/api/docs/', '/docs'],
      ['/api/redoc/', '/redoc'],
      ['/api/schema/', '/openapi.json'],
    ] as const)
      scope.get(from, { schema: { hide: true } }, (_request, reply) => reply.redirect(to, 302));
  });
  root.register(async scope => {
    answerAsDjango(scope);
    await acceptUploads(scope);
    registerUpload(scope, deps, guard);
  });
}

const lists = ['flow-files', 'meter-points', 'meters', 'readings'] as const;

/** The lists by name, and addresses that forgot their last slash. */
function registerRoot(scope: FastifyInstance, { publicUrl }: D0010RouteDeps, guard: Guard): void {
  scope.withTypeProvider<ZodTypeProvider>().get('/api/', {
    schema: { tags, summary: 'The lists there are', response: { 200: z.record(z.string(), z.string()) } },
    onRequest: guard.mayReadWith('readings:read'),
    handler: async request =>
      Object.fromEntries(lists.map(name => [name, `${originOf(request, publicUrl)}/api/${name}/`])),
  });
  const things = ['/flow-files/:id', '/meter-points/:id', '/meter-points/:id/readings', '/meters/:id'];
  const more = [...things, '/meters/:id/readings', '/readings/:id', '/readings/summary'];
  for (const path of ['', ...lists.map(name => `/${name}`), ...more])
    scope.get(`/api${path}`, { schema: { hide: true } }, (request, reply) => {
      const [, own, query] = /^([^?]*)(.*)$/s.exec(request.url)!;
      return reply.redirect(`${own}/${query}`, 301);
    });
}
