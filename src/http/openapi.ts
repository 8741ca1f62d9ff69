import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { assetUrl, readAsset } from './assets.ts';
import { withProblems } from './openapi-problems.ts';

interface OpenapiOptions {
  version: string;
  /** One per area of the API, in the order they are shown. */
  tags: { name: string; description: string }[];
}

const redocFile = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
const redocLogo = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

/**
 * OpenAPI 3.1 from the zod schemas at /openapi.json, Swagger UI at /docs and Redoc at /redoc, nothing loaded from elsewhere.
 * Await before the routes it is to describe. A route without a schema, or with `hide`, is not part of the API.
 */
export async function registerOpenapi(app: FastifyInstance, { version, tags }: OpenapiOptions): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: { title: 'wattledger', version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      tags,
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: bearerDescription } } },
      security: [{ bearer: [] }],
    },
    transform: input => {
      const { schema, url } = jsonSchemaTransform({ ...input, schema: input.schema ?? { hide: true } });
      return { schema: withProblems(schema, input.route), url };
    },
    // Puts the schemas that have an id where the routes' references point.
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'wattledger API' },
    logo: { type: 'image/svg+xml', content: readAsset('icon.svg'), href: '/admin' },
    // Without this it sends the address of the document to a validator on the internet.
    uiConfig: { validatorUrl: null, deepLinking: true, tryItOutEnabled: true },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  app.get('/redoc', { schema: { hide: true } }, (_request, reply) => reply.view('redoc', {}));
  // Redoc shows its maker's logo from a server of theirs, which the page policy refuses; ours stands in its place.
  let redoc: string | undefined;
  const redocOfOurs = () => readFileSync(redocFile, 'utf8').replaceAll(redocLogo, assetUrl('icon.svg'));
  app.get('/redoc/redoc.standalone.js', { schema: { hide: true } }, (_request, reply) => {
    redoc ??= redocOfOurs();
    return reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=86400').send(redoc);
  });
}

const description = `Smart-meter readings in, exact bills out.

Errors are \`application/problem+json\` (RFC 9457) with a stable \`code\`; each is explained at \`/problems/CODE\`.
Energy is in kWh, instants are RFC 3339 with an offset, money is a decimal string.`;

const bearerDescription =
  'An API key, "wl_…". It carries scopes such as readings:write; a call outside them is answered 403.';
