import { describe, expect, it } from 'vitest';
import { testHouse } from '../open-house.ts';

const profile = {
  name: 'corner-shop',
  title: 'Corner shop portal',
  tables: [{ header: ['When', 'Used'], values: [{ column: 'Used', channel: { code: 'E1', flow: 'from-grid' } }] }],
  meterPoint: { from: 'caller' },
  stamp: { column: 'When', pattern: 'dd/MM/yyyy HH:mm' },
  zone: 'Australia/Adelaide',
  interval: { minutes: 30 },
};
const text = 'When,Used\n13/10/2026 00:00,1.5\n13/10/2026 00:30,2\n14/10/2026 00:00,x\n';

async function client() {
  const { app, authorization } = await testHouse();
  return async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) => {
    const answer = await app.inject({
      method,
      url,
      headers: { authorization: authorization() },
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, body: answer.json() };
  };
}

describe('mapping profiles over HTTP', () => {
  it('a sample is guessed, previewed with totals, and its profile saved under a name', async () => {
    const ask = await client();
    const guess = await ask('POST', '/v1/import-profiles/guess', { sample: { text: text.replace(/[^\n]*x\n$/, '') } });
    expect(guess.status).toBe(200);
    expect(guess.body.questions.map(({ part }: { part: string }) => part)).toContain('meterPoint');
    const preview = await ask('POST', '/v1/import-profiles/preview', {
      sample: { base64: Buffer.from(text).toString('base64') },
      profile,
    });
    expect(preview.body).toMatchObject({
      roles: ['stamp', 'E1'],
      channels: [{ code: 'E1', readings: 2, energy: '3.500', from: '2026-10-13T00:00:00+10:30' }],
      days: [{ day: '2026-10-13', energy: '3.500', intervals: 2 }],
      problemCount: 1,
      problems: [{ line: 4, column: 18, rule: 'CSV-4' }],
    });
    expect(await ask('POST', '/v1/import-profiles', profile)).toMatchObject({ status: 201, body: { version: 1 } });
    const { body } = await ask('GET', '/v1/import-profiles/corner-shop');
    expect(body).toMatchObject({ version: 1, profile: { name: 'corner-shop', edge: 'start' } });
    // The next file with these headings is known.
    const again = await ask('POST', '/v1/import-profiles/guess', { sample: { text } });
    expect(again.body.profile.name).toBe('corner-shop');
  });

  it('a change is a new version; one that comes with the house stays as it is', async () => {
    const ask = await client();
    await ask('POST', '/v1/import-profiles', profile);
    expect(await ask('POST', '/v1/import-profiles', profile)).toMatchObject({
      status: 409,
      body: { code: 'import-profile-taken' },
    });
    expect((await ask('PUT', '/v1/import-profiles/corner-shop', { ...profile, zone: 'UTC' })).body).toMatchObject({
      version: 2,
      profile: { zone: 'UTC' },
    });
    expect((await ask('PUT', '/v1/import-profiles/another', profile)).status).toBe(422);
    expect((await ask('PUT', '/v1/import-profiles/enphase', { ...profile, name: 'enphase' })).body.code).toBe(
      'import-profile-taken',
    );
    expect((await ask('PUT', '/v1/import-profiles/nobody', { ...profile, name: 'nobody' })).body.code).toBe(
      'import-profile-unknown',
    );
    expect((await ask('GET', '/v1/import-profiles/nobody')).status).toBe(404);
    const { body } = await ask('GET', '/v1/import-profiles');
    expect(body.data[0]).toMatchObject({ version: 2, savedBy: 'key test *' });
    expect(body.data.slice(1).every(({ version }: { version: number }) => version === 0)).toBe(true);
  });

  it('a profile that contradicts itself is refused with its field', async () => {
    const ask = await client();
    const { status, body } = await ask('POST', '/v1/import-profiles', { ...profile, interval: undefined });
    expect(status).toBe(422);
    expect(JSON.stringify(body.errors)).toContain('say how long an interval is');
  });
});
