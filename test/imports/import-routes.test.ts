import { describe, expect, it } from 'vitest';
import { type TestHouse, testHouse } from '../open-house.ts';
import { nem12, nem12WithBadLine } from './nem12-text.ts';

interface Run {
  id: number;
  state: string;
  dryRun: boolean;
  counts: Record<string, number>;
  channelsUrl: string;
  channels: { meterPoint: string; code: string; readings: number; sum: string; qualities: Record<string, number> }[];
  problems: { count: number; byRule: { rule: string; severity: string; action: string; count: number }[] };
}

async function post(
  test: TestHouse,
  query: string,
  payload: string | Buffer,
  type = 'text/csv',
  authorization = test.authorization(),
) {
  const headers = { authorization, 'content-type': type };
  const answer = await test.app.inject({ method: 'POST', url: `/v1/imports${query}`, headers, payload });
  return {
    status: answer.statusCode,
    location: answer.headers.location,
    body: answer.json() as { imports: Run[]; code: string },
  };
}

async function get(test: TestHouse, url: string) {
  const answer = await test.app.inject({ url, headers: { authorization: test.authorization() } });
  return { status: answer.statusCode, type: answer.headers['content-type'], text: answer.body };
}

describe('a file handed in over HTTP', () => {
  it('is answered when its bytes are kept, goes into the queue, and its totals are what the store returns', async () => {
    const test = await testHouse();
    const { status, location, body } = await post(test, '?name=a.csv', nem12('2001000016', ['20261101']));
    expect({ status, location }).toEqual({ status: 202, location: `/v1/imports/${body.imports[0]!.id}` });
    await test.house.importQueue.settled(body.imports[0]!.id);
    const run = JSON.parse((await get(test, String(location))).text) as Run;
    expect(run).toMatchObject({ name: 'a.csv', state: 'finished', counts: { new: 48, rejected: 0 }, takenUpAgain: 0 });
    expect(run.channels).toMatchObject([
      { meterPoint: '2001000016', code: 'E1', readings: 48, sum: '24', qualities: { actual: 48 } },
    ]);
    const stored = await get(test, '/v1/meter-points/2001000016/readings');
    const energies = (JSON.parse(stored.text) as { data: { energy: string }[] }).data.map(({ energy }) => energy);
    expect(energies).toEqual(Array.from({ length: 48 }, () => '0.5'));
  });

  it('is answered with its report when it may wait, and the second time everything is known', async () => {
    const test = await testHouse();
    const text = nem12('2001000016', ['20261101']);
    expect((await post(test, '?wait=true', text)).status).toBe(200);
    const { body } = await post(test, '?wait=true&name=other-name.csv', text);
    expect(body.imports).toMatchObject([
      { state: 'finished', counts: { new: 0, identical: 48 }, importedBefore: { run: 1, file: 'unnamed' } },
    ]);
  });

  it('comes with others in one form, each with a run of its own; names are never paths', async () => {
    const test = await testHouse();
    const boundary = 'xYx';
    const part = (name: string, text: string) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\nContent-Type: text/csv\r\n\r\n${text}\r\n`;
    const form = `${part('../../etc/a.csv', nem12('2001000016', ['20261101']))}${part('b\u202egpj.csv', nem12WithBadLine('2001000024'))}--${boundary}--\r\n`;
    const { status, body } = await post(test, '?wait=true', form, `multipart/form-data; boundary=${boundary}`);
    expect(status).toBe(200);
    expect(body.imports).toMatchObject([
      { name: 'a.csv', counts: { new: 48, rejected: 0 } },
      { name: 'b_gpj.csv', counts: { new: 48, rejected: 1 } },
    ]);
    const cut = await post(test, '', form.slice(0, -40), `multipart/form-data; boundary=${boundary}`);
    expect(cut).toMatchObject({ status: 400, body: { code: 'body-malformed' } });
    const none = await post(test, '', `--${boundary}--\r\n`, `multipart/form-data; boundary=${boundary}`);
    expect(none).toMatchObject({ status: 422, body: { code: 'file-missing' } });
    expect(await post(test, '', '')).toMatchObject({ status: 422, body: { code: 'file-missing' } });
    const headers = { authorization: test.authorization() };
    const bare = await test.app.inject({ method: 'POST', url: '/v1/imports', headers });
    expect([bare.statusCode, bare.json()]).toMatchObject([422, { code: 'file-missing' }]);
  });

  it('tells every problem page by page and as CSV that runs no formula', async () => {
    const test = await testHouse();
    const text = nem12WithBadLine('2001000016').replace('5x6', '=1+2').replace('900', '777,=cmd\r\n900');
    const { body } = await post(test, '?wait=true&name=%3Da.csv', text);
    const { id } = body.imports[0]!;
    const { data, total } = JSON.parse((await get(test, `/v1/imports/${id}/problems?limit=1`)).text) as {
      data: { line: number; raw: string; rule: string; action: string }[];
      total: number;
    };
    expect(total).toBeGreaterThan(1);
    expect(data).toMatchObject([{ line: 4, raw: '=1+2', action: 'rejected' }]);
    const rejected = await get(test, `/v1/imports/${id}/problems?action=rejected&rule=${data[0]!.rule}`);
    expect(JSON.parse(rejected.text)).toMatchObject({ total: 1 });
    const csv = await get(test, `/v1/imports/${id}/problems.csv`);
    expect(csv.type).toBe('text/csv; charset=utf-8');
    const lines = csv.text.trimEnd().split('\r\n');
    expect(lines[0]).toBe('file,member,line,column,field,raw,rule,severity,action,message');
    expect(lines[1]).toMatch(/^'=a\.csv,,4,\d+,[^,]*,'=1\+2,/);
    expect(lines.length).toBe(total + 1);
  });

  it('tells totals of channels page by page and as CSV, as they stand in the run', async () => {
    const test = await testHouse();
    const { body } = await post(test, '?wait=true', nem12('2001000016', ['20261101']));
    const run = body.imports[0]!;
    expect(run).toMatchObject({ channelCount: 1, channelsUrl: `/v1/imports/${run.id}/channels`, meterPointsNew: 1 });
    const { text } = await get(test, `${run.channelsUrl}?limit=10`);
    expect(JSON.parse(text)).toEqual({ data: run.channels, total: 1 });
    expect(JSON.parse((await get(test, `${run.channelsUrl}?offset=1`)).text)).toEqual({ data: [], total: 1 });
    const csv = await get(test, `${run.channelsUrl}.csv`);
    expect(csv.type).toBe('text/csv; charset=utf-8');
    expect(csv.text.split('\r\n')).toHaveLength(3);
    expect(await get(test, '/v1/imports/77/channels.csv')).toMatchObject({ status: 404 });
  });

  it('enters wholly or not at all when it is strict', async () => {
    const test = await testHouse();
    const { body } = await post(test, '?wait=true&strict=true', nem12WithBadLine('2001000016'));
    expect(body.imports).toMatchObject([{ strict: true, state: 'finished', counts: { new: 0, rejected: 1 } }]);
    expect(test.house.meterPoints.find('2001000016')).toBeUndefined();
  });

  it('changes nothing at all in a dry run, and reports what the import then does', async () => {
    const test = await testHouse();
    await post(test, '?wait=true', nem12('2001000016', ['20261101']));
    const text = nem12WithBadLine('2001000016').replace(/0\.5,A/, '0.7,A') + nem12('2001000024', ['20261102']);
    const key = test.authorization();
    const before = tablesOf(test);
    const dry = await post(test, '?wait=true&dry_run=true', text, 'text/csv', key);
    expect(tablesOf(test)).toEqual(before);
    expect(dry.body.imports[0]).toMatchObject({ dryRun: true, state: 'finished' });
    expect(dry.body.imports[0]!.id).toBeLessThan(0);
    const { body } = await post(test, '?wait=true', text);
    const { counts, channels, problems } = body.imports[0]!;
    expect(dry.body.imports[0]).toMatchObject({
      counts,
      channels,
      problems: { count: problems.count, byRule: problems.byRule },
    });
    expect(counts.new).toBeGreaterThan(0);
    expect(counts.identical).toBeGreaterThan(0);
  });

  it('is read by the profile that is named, for the meter point that is named, or by a saved one that knows its header', async () => {
    const test = await testHouse();
    const profile = {
      name: 'corner-shop',
      title: 'Corner shop portal',
      tables: [{ header: ['When', 'Used'], values: [{ column: 'Used', channel: { code: 'E1', flow: 'from-grid' } }] }],
      meterPoint: { from: 'caller' },
      stamp: { column: 'When', pattern: 'dd/MM/yyyy HH:mm' },
      zone: 'Australia/Adelaide',
      interval: { minutes: 30 },
    };
    const headers = { authorization: test.authorization() };
    await test.app.inject({ method: 'POST', url: '/v1/import-profiles', headers, payload: profile });
    const text = 'When,Used\n13/10/2026 00:00,1.5\n13/10/2026 00:30,2\n';
    const named = await post(test, '?wait=true&profile=corner-shop&meter_point=2001000016', text);
    expect(named.body.imports).toMatchObject([
      { format: 'corner-shop', counts: { new: 2 }, channels: [{ meterPoint: '2001000016', sum: '3.5' }] },
    ]);
    const known = await post(test, '?wait=true&meter_point=2001000024', text);
    expect(known.body.imports).toMatchObject([{ format: 'corner-shop', counts: { new: 2 } }]);
    const wrong = await post(test, '?wait=true&profile=nobody', text);
    expect(wrong.body.imports).toMatchObject([{ state: 'failed', failure: { code: 'import-profile-unknown' } }]);
  });

  it('needs a key that may', async () => {
    const test = await testHouse();
    const headers = { authorization: test.authorization(['imports:read']), 'content-type': 'text/csv' };
    const answer = await test.app.inject({ method: 'POST', url: '/v1/imports', headers, payload: 'x' });
    expect(answer.json()).toMatchObject({ status: 403, code: 'scope-missing' });
    expect((await test.app.inject({ url: '/v1/imports', headers })).json()).toEqual({ data: [], total: 0 });
    expect((await get(test, '/v1/imports/77')).status).toBe(404);
    expect((await get(test, '/v1/imports/77/events')).status).toBe(404);
  });

  it('is followed by events until its end', async () => {
    const test = await testHouse();
    const { location } = await post(test, '', nem12('2001000016', ['20261101', '20261102']));
    const { type, text } = await get(test, `${location}/events`);
    expect(type).toContain('text/event-stream');
    const events = text.trim().split('\n\n');
    expect(events[0]).toMatch(/^event: progress\ndata: \{"id":1,"state":"(waiting|running)"/);
    expect(events.at(-1)).toMatch(/^event: end\ndata: .*"state":"finished".*"new":96/);
  });
});

/** Every row of every table. */
function tablesOf({ house: { database } }: TestHouse): Record<string, unknown[]> {
  const names = database
    .prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .all();
  return Object.fromEntries(
    names.map(({ name }) => [name, database.prepare<[], object>(`SELECT * FROM "${name}"`).all()]),
  );
}
