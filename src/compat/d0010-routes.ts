import type { FastifyInstance } from 'fastify';
import type { Guard } from '../access/guard.ts';
import { acceptUploads } from '../imports/receive-upload.ts';
import { registerFlowFiles, registerUpload } from './d0010-flow-file-routes.ts';
import { registerMeterPoints, registerMeters } from './d0010-meter-routes.ts';
import { registerReadings } from './d0010-reading-routes.ts';
import type { D0010RouteDeps } from './d0010-route-deps.ts';
import { answerAsDjango } from './django-rest.ts';

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
