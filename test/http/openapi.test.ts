import { expect, it } from 'vitest';
import { testHouse } from '../open-house.ts';

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
}

it('the description of the API says of every route what it is for, which scope it needs and how it says no', async () => {
  const { app } = await testHouse();
  const { paths, tags, components } = (await app.inject('/openapi.json')).json() as {
    paths: Record<string, Record<string, Operation>>;
    tags: { name: string }[];
    components: { schemas: Record<string, object> };
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, ...operation })),
  );
  expect(operations.length).toBeGreaterThan(20);
  const poor = operations.filter(({ summary, description, tags: own = [], responses }) => {
    const named = own.length > 0 && own.every(name => tags.some(tag => tag.name === name));
    const answers = Object.values(responses).every(answer => answer.description !== 'Default Response');
    return !summary || !named || !answers || !/Needs the scope `[a-z]+:[a-z]+`/.test(description ?? '');
  });
  expect(poor.map(({ name }) => name)).toEqual([]);
  const silent = operations
    .filter(({ path }) => path.startsWith('/v1'))
    .filter(({ responses }) =>
      ['401', '403', 'default'].some(status => !responses[status]?.content?.['application/problem+json']),
    );
  expect(silent.map(({ name }) => name)).toEqual([]);
  // A reference without its schema leaves Redoc with an empty page.
  const references = JSON.stringify(paths).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
  const dangling = [...references].map(([, name]) => name!).filter(name => !Object.hasOwn(components.schemas, name));
  expect(dangling).toEqual([]);
});

it('the description says what a body may be written in, and which requests may carry a key', async () => {
  const { app } = await testHouse();
  const { paths } = (await app.inject('/openapi.json')).json() as {
    paths: Record<string, { post: { requestBody?: { content: object }; parameters?: { name: string; in: string }[] } }>;
  };
  expect(Object.keys(paths['/v1/readings']!.post.requestBody!.content)).toEqual([
    'application/json',
    'application/x-ndjson',
    'text/csv',
  ]);
  const takingKeys = Object.entries(paths).filter(([, { post }]) =>
    post?.parameters?.some(({ name, in: place }) => name === 'Idempotency-Key' && place === 'header'),
  );
  // Whoever sends a reading or a file again is recognised by what it says.
  const natural = ['/v1/readings', '/v1/imports', '/readings', '/receive_meter_reading', '/api/flow-files/upload/'];
  const posts = Object.keys(paths).filter(path => paths[path]!.post);
  expect(posts).toEqual(
    expect.arrayContaining([...natural, '/v1/accounts', '/register_account', '/maintenance/start']),
  );
  expect(takingKeys.map(([path]) => path).sort()).toEqual(posts.filter(path => !natural.includes(path)).sort());
});
