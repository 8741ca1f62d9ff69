import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { assetUrl } from '../../src/http/assets.ts';
import { showCount, showKwh, showMoment } from '../../src/http/format.ts';
import { href, isLocalPath } from '../../src/http/href.ts';
import { viewsFolder } from '../../src/http/render.ts';
import { microKwh } from '../../src/units/energy.ts';
import { instant, parseZone } from '../../src/units/time.ts';
import { httpApp } from './app.ts';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

describe('security headers', () => {
  it('let a page load and post to nothing but this host, and nobody frame it', async () => {
    app = await httpApp();
    const { headers } = await app.inject('/problems');
    const policy = String(headers['content-security-policy']);
    expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
    for (const part of ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", 'report-uri /csp-report'])
      expect(policy).toContain(part);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['strict-transport-security']).toBeUndefined();
  });

  it('are there on answers of the API and on refusals too', async () => {
    app = await httpApp({ https: true });
    const { headers } = await app.inject('/v1/nothing');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  });

  it.each([
    ['/docs', true],
    ['/docs/static/index.html', true],
    ['/redoc', true],
    ['/problems', false],
    ['/docsx', false],
  ])('allow inline styles at %s: %s', async (url, loose) => {
    app = await httpApp();
    const { headers } = await app.inject(url);
    expect(String(headers['content-security-policy']).includes('unsafe-inline')).toBe(loose);
    expect(String(headers['content-security-policy'])).not.toContain("script-src 'self' 'unsafe");
  });

  it('have their violations counted', async () => {
    app = await httpApp();
    const headers = { 'content-type': 'application/csp-report' };
    const answer = await app.inject({ method: 'POST', url: '/csp-report', headers, payload: '{"csp-report":{}}' });
    expect([answer.statusCode, app.cspReports.count]).toEqual([204, 1]);
  });
});

describe('the description of the API', () => {
  it('is OpenAPI 3.1 made from the zod schemas, without the pages', async () => {
    app = await httpApp();
    const schema = { tags: ['Pets'], body: z.strictObject({ name: z.string() }) };
    app.withTypeProvider<ZodTypeProvider>().post('/v1/pets', { schema }, () => ({}));
    app.get('/hidden', () => 'x');
    const document = (await app.inject('/openapi.json')).json();
    expect(document.openapi).toBe('3.1.1');
    expect(Object.keys(document.paths)).toEqual(['/v1/pets']);
    expect(document.paths['/v1/pets'].post.requestBody.content['application/json'].schema).toMatchObject({
      required: ['name'],
      additionalProperties: false,
    });
    expect(document.components.securitySchemes.bearer.scheme).toBe('bearer');
  });

  it.each(['/docs', '/redoc', '/redoc/redoc.standalone.js', '/docs/static/swagger-ui.css'])(
    'is served from here: %s',
    async url => {
      app = await httpApp();
      const answer = await app.inject(url);
      expect(answer.statusCode).toBe(200);
      if (answer.headers['content-type']?.toString().startsWith('text/html'))
        expect(answer.body).not.toMatch(/(src|href)="(https?:)?\/\//);
    },
  );

  it('serves nothing else of the package redoc lives in', async () => {
    app = await httpApp();
    expect((await app.inject('/redoc/redoc.lib.js')).statusCode).toBe(404);
    expect((await app.inject('/redoc/../package.json')).statusCode).toBe(404);
  });
});

describe('assets', () => {
  it('are kept for a year under the hash of their content, and not at all under another', async () => {
    app = await httpApp();
    const current = await app.inject(assetUrl('admin.css'));
    expect(current.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(current.headers['content-type']).toMatch(/^text\/css/);
    const old = await app.inject('/assets/000000000000/admin.css');
    expect(old.headers['cache-control']).toBe('public, max-age=0');
    expect((await app.inject('/assets/000000000000/..%2fapp.ts')).statusCode).toBe(404);
  });
});

describe('links', () => {
  it.each(['javascript:alert(1)', '//evil.example', '/\\evil.example', 'https://x', '/a\nb', '/a b', ''])(
    'never lead to %j',
    text => {
      expect(isLocalPath(text)).toBe(false);
      expect(() => href(text)).toThrow();
    },
  );

  it('encode what is put into them', () => {
    expect(href('/a', ['x/../y', 7], { q: 'a&b=c', none: undefined, empty: '' })).toBe('/a/x%2F..%2Fy/7?q=a%26b%3Dc');
  });

  const views = readdirSync(viewsFolder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.eta'));
  it.each(views)(
    'in %s are fixed or come from the helper, and nothing is printed unescaped but finished HTML',
    name => {
      const text = readFileSync(join(viewsFolder, name), 'utf8');
      for (const [, target] of text.matchAll(/\b(?:href|src|action|formaction|spec-url)="([^"]*)"/g))
        expect(target).toMatch(/^(\/(?!\/)[\w/.-]*|#[\w-]+|<%= it\.(href|asset)\(.*\) %>)$/);
      for (const [, raw] of text.matchAll(/<%~\s*(.*?)\s*%>/g))
        expect(raw).toMatch(/^(it\.body|include\('[^']+'.*\)|[\w.]*[sS]vg)$/);
      expect(text).not.toMatch(/\sstyle=|<style|\son\w+=|<script(?! src=)/);
    },
  );
});

describe('figures for people', () => {
  it('energy keeps every digit and groups the whole part only', () => {
    expect(showKwh(microKwh(1_234_567_891_234))).toBe('1,234,567.891234 kWh');
    expect(showKwh(microKwh(-500_000), 2)).toBe('−0.50 kWh');
    expect(showCount(1488)).toBe('1,488');
  });

  it('a moment shows its offset, so that the repeated hour is told apart', () => {
    const zone = parseZone('Australia/Adelaide')!;
    const first = instant(Date.UTC(2026, 3, 4, 16, 0) / 1000);
    expect(showMoment(first, zone)).toBe('5 Apr 2026, 02:30 (UTC+10:30)');
    expect(showMoment(instant(first + 3600), zone)).toBe('5 Apr 2026, 02:30 (UTC+9:30)');
  });
});
