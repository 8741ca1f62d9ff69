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

  it('P1-23 tells a stranger nothing of what broke inside', async () => {
    const { app, house, authorization } = await testHouse();
    house.meterPoints.list = () => {
      throw new Error('SQLITE_CORRUPT: /secret/path.db');
    };
    const answer = await app.inject({ url: '/v1/meter-points', headers: { authorization: authorization() } });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/SQLITE|secret|path\.db|at .*\.ts/);
  });
});
