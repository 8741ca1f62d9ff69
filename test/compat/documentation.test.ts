import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testHouse } from '../open-house.ts';

describe('documentation', () => {
  it('P1-24 stands at /docs and /redoc, and knows every path of the power consumption API', async () => {
    const { app } = await testHouse();
    for (const url of ['/docs', '/redoc']) expect((await app.inject(url)).statusCode).toBe(200);
    const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, object> }>();
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/register_account',
        '/receive_meter_reading',
        '/get_consumption',
        '/get_last_month_bill',
        '/maintenance/start',
        '/maintenance/status',
        '/archive_and_prepare',
        '/shutdown',
        '/resume',
        '/restore_data',
        '/v1/meter-points/{id}/consumption',
      ]),
    );
  });

  it('P1-26 is held by tests of values, API, validation, recovery and failure', () => {
    for (const name of [
      'units/energy.test.ts',
      'api/readings.test.ts',
      'readings/judge.test.ts',
      'readings/recover.test.ts',
      'readings/failing-disk.test.ts',
    ])
      expect({ name, exists: existsSync(join(import.meta.dirname, '..', name)) }).toEqual({ name, exists: true });
  });

  it('P1-23 tells a stranger nothing of what broke inside', async () => {
    const { app, house, authorization } = await testHouse();
    house.meterPoints.directory.list = () => {
      throw new Error('SQLITE_CORRUPT: /secret/path.db');
    };
    const answer = await app.inject({ url: '/v1/meter-points', headers: { authorization: authorization() } });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/SQLITE|secret|path\.db|at .*\.ts/);
  });
});
