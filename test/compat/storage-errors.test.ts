import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { answerAsDjango } from '../../src/compat/django-rest.ts';
import { answerInDetail } from '../../src/compat/predecessor-api.ts';
import { Refusal } from '../../src/kernel/errors.ts';

it.each([
  ['the power consumption API', answerInDetail],
  ['the D0010 importer', answerAsDjango],
])('a disk that fails under the paths of %s is in the log, and a wrong request is not', async (_whose, answers) => {
  const lines: string[] = [];
  const app = Fastify({ logger: { level: 'error', stream: { write: line => void lines.push(line) } } });
  answers(app);
  app.get('/full', () => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  });
  app.get('/wrong', () => {
    throw new Refusal('meter-point-unknown', 'there is none');
  });
  const full = await app.inject('/full');
  expect([full.statusCode, full.headers['retry-after'], full.json()]).toEqual([
    507,
    '5',
    { detail: 'The disk has no room left.' },
  ]);
  expect(lines).toEqual([expect.stringContaining('no space left on device')]);
  expect((await app.inject('/wrong')).statusCode).toBe(404);
  expect(lines).toHaveLength(1);
  await app.close();
});
