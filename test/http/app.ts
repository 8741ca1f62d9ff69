import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance } from 'fastify';
import { registerAssets } from '../../src/http/assets.ts';
import { registerOpenapi } from '../../src/http/openapi.ts';
import { answerFrameworkError, type ProblemOptions, registerProblems } from '../../src/http/problems.ts';
import { registerRender } from '../../src/http/render.ts';
import { registerSchemas } from '../../src/http/schemas.ts';
import { registerSecurity } from '../../src/http/security.ts';

/** The outer shell of the real app, in the order app.ts registers it, without any route of the trade. */
export async function httpApp(options: ProblemOptions & { https?: boolean } = {}): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: 2_000,
    routerOptions: { maxParamLength: 100 },
    frameworkErrors: answerFrameworkError,
  });
  registerProblems(app, options);
  registerSchemas(app);
  await app.register(cookie);
  await registerSecurity(app, { https: options.https ?? false });
  await registerRender(app);
  await registerAssets(app);
  await registerOpenapi(app, { version: '0.0.0', tags: [{ name: 'Pets', description: 'For tests.' }] });
  return app;
}
