import { afterEach, describe, expect, it } from 'vitest';
import { type AdminApp, adminApp } from './app.ts';
import { addHalfHours, addMeterPoint } from './seed.ts';

// The clock stands on 21 November 2026.
const days: [string, string] = ['2026-11-18', '2026-11-21'];
const week = 'from=2026-11-18&until=2026-11-20';
let admin: AdminApp | undefined;
afterEach(() => admin?.app.close());

const textOf = (body: string) =>
  body
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** One meter point that is whole, one with a hole and estimates, one whose second channel never came. */
async function seeded() {
  admin = await adminApp();
  const { deps, signedIn } = admin;
  const whole = addMeterPoint(deps, '2001000016', 'Shop 1');
  addHalfHours(deps, whole.id, 'from-grid', days, () => ({ energy: 1000 }));
  const holed = addMeterPoint(deps, '2001000024', 'Shop 2');
  addHalfHours(deps, holed.id, 'from-grid', days, slot => {
    if (slot >= 10 && slot < 16) return undefined;
    if (slot === 20) return { energy: Number.NaN, quality: 'missing' };
    return { energy: 1000, quality: slot < 4 ? 'estimated' : 'actual' };
  });
  const named = addMeterPoint(deps, '2001000032', 'Shop 3');
  addHalfHours(deps, named.id, 'from-grid', days, () => ({ energy: 1000, quality: 'substituted' }));
  deps.meterPoints.configurations.note([{ meterPointId: named.id, suffixes: 'E1B1' }]);
  return signedIn('viewer');
}

describe('the page Gaps', () => {
  it('lists what lacks something, with what was said to be missing and estimates apart', async () => {
    const viewer = await seeded();
    const { body } = await viewer.get(`/admin/gaps?${week}`);
    const rows = [...body.matchAll(/<tr>.*?<\/tr>/gs)].map(([row]) => textOf(row)).slice(1);
    expect(rows).toEqual([
      '2001000024 Shop 2 E1 7 of 144 1 4 18 Nov 2026, 05:00 (UTC+10:30) sending',
      '2001000032 Shop 3 B1 — — — — never delivered',
    ]);
    expect(textOf(body)).toContain('3 of 3 meter points looked at, 18 Nov 2026 to 20 Nov 2026');
    expect(body).toContain('href="/admin/meter-points/2001000024/gaps?from=2026-11-18&amp;until=2026-11-20"');
  });

  it('shows estimates, or every channel, when asked, and only the meter points that fit', async () => {
    const viewer = await seeded();
    const codes = async (query: string) =>
      [...(await viewer.get(`/admin/gaps?${week}&${query}`)).body.matchAll(/data-label="Channel">(\w+)/g)].map(
        ([, code]) => code,
      );
    expect(await codes('show=estimated')).toEqual(['E1', 'E1', 'B1']);
    expect(await codes('show=all')).toEqual(['E1', 'E1', 'E1', 'B1']);
    expect(await codes('show=all&q=shop+2')).toEqual(['E1']);
    expect((await viewer.get(`/admin/gaps?${week}&q=shop+1`)).body).toContain('Nothing is missing.');
    expect((await viewer.get('/admin/gaps?q=nobody')).body).toContain('No meter point fits.');
  });

  it('calls a channel silent whose gap goes up to now', async () => {
    const viewer = await seeded();
    expect(textOf((await viewer.get('/admin/gaps?from=2026-11-18')).body)).toMatch(/2001000016 Shop 1 E1 .* silent/);
  });

  it('looks at no more meter points than a moment has room for, and goes on after the last of them', async () => {
    const viewer = await seeded();
    for (let at = 0; at < 20; at++) {
      const { id } = addMeterPoint(admin!.deps, `3${String(at).padStart(9, '0')}`);
      addHalfHours(admin!.deps, id, 'from-grid', ['2026-11-20', '2026-11-21'], () => ({ energy: 1 }));
    }
    let [url, found, looks]: [string | undefined, string[], number] = [
      '/admin/gaps?from=2025-11-21&until=2026-11-20&show=all',
      [],
      0,
    ];
    for (; url; looks++) {
      const { body } = await viewer.get(url);
      found = [
        ...found,
        ...[...body.matchAll(/scope="row"[^>]*><a [^>]*>(\d+)/g)].map(([, identifier]) => identifier!),
      ];
      url = /href="([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(looks).toBe(4);
    expect(new Set(found).size).toBe(23);
    expect(found).toHaveLength(24);
  });

  it('gives all of them as CSV, whatever page it is', async () => {
    const viewer = await seeded();
    const { body } = await viewer.get(`/admin/gaps.csv?${week}&after=2001000032`);
    expect(body.split('\r\n').slice(1)).toEqual([
      '2001000024,Shop 2,E1,144,7,1,4,2,2026-11-18T05:00:00+10:30,',
      '2001000032,Shop 3,B1,,,,,,,never delivered',
      '',
    ]);
  });

  it('says what it cannot answer', async () => {
    const viewer = await seeded();
    expect((await viewer.get('/admin/gaps?from=2026-11-22&until=2026-11-21')).body).toContain(
      'The last day is before the first one.',
    );
    expect((await viewer.get('/admin/gaps?from=2020-01-01')).body).toContain('At most 366 days');
    expect((await viewer.get('/admin/gaps.csv?from=2020-01-01')).status).toBe(422);
  });
});

describe('the gaps of all meter points as they were known', () => {
  it('are listed and written as at that time, and lead to those of a meter point', async () => {
    const viewer = await seeded();
    const { body } = await viewer.get(`/admin/gaps?${week}&known=2026-11-18T12:00`);
    const rows = [...body.matchAll(/<tr>.*?<\/tr>/gs)].map(([row]) => textOf(row)).slice(1);
    expect(rows[0]).toBe('2001000024 Shop 2 E1 7 of 24 1 4 18 Nov 2026, 05:00 (UTC+10:30) sending');
    expect(textOf(body)).toContain('As it was known at 18 Nov 2026, 12:00 (UTC+10:30)');
    expect(body).toContain('gaps?from=2026-11-18&amp;until=2026-11-20&amp;known=2026-11-18T12%3A00"');
    const [, file = ''] = /href="([^"]*)" download/.exec(body) ?? [];
    expect((await viewer.get(file.replaceAll('&amp;', '&'))).body).toContain('2001000024,Shop 2,E1,24,7,1,4,');
    expect(textOf((await viewer.get(`/admin/gaps?${week}&known=soon`)).body)).toContain('“soon” is no time.');
  });
});

describe('the gaps of a meter point', () => {
  it('are shown with why, the days they make incomplete, and a file of them', async () => {
    const viewer = await seeded();
    const { body } = await viewer.get(`/admin/meter-points/2001000024/gaps?${week}`);
    const text = textOf(body);
    expect(text).toContain('Expected 144 Received 137 Missing 7 Said to be missing 1 Estimated 4');
    expect(text).toMatch(/18 Nov 2026, 05:00 \(UTC\+10:30\) 18 Nov 2026, 08:00 \(UTC\+10:30\) 6 nobody said anything/);
    expect(text).toMatch(/10:00 \(UTC\+10:30\) 18 Nov 2026, 10:30 \(UTC\+10:30\) 1 its sender says/);
    expect(text).toContain(
      '1 day is not whole Days of channel E1 that are not whole Day Expected Received 18 Nov 2026 48 41',
    );
    const csv = await viewer.get(`/admin/meter-points/2001000024/gaps.csv?${week}`);
    expect(csv.body.split('\r\n')).toHaveLength(4);
  });

  it('name what never came, and are reached from the page of the meter point', async () => {
    const viewer = await seeded();
    const { body } = await viewer.get(`/admin/meter-points/2001000032/gaps?${week}`);
    expect(textOf(body)).toContain('never had a reading: B1 .');
    expect(textOf(body)).toContain('Nothing is missing.');
    expect((await viewer.get('/admin/meter-points/2001000032')).body).toContain('/admin/meter-points/2001000032/gaps"');
    expect((await viewer.get('/admin/meter-points/nobody/gaps')).status).toBe(404);
  });

  it('are shown as they were known at an earlier time, which the page says, and from where it leads back', async () => {
    const viewer = await seeded();
    const url = `/admin/meter-points/2001000024/gaps?${week}`;
    // Each half-hour is known from its beginning on; at noon of the 18th the six of the night were missing, and one said to be.
    const { body } = await viewer.get(`${url}&known=2026-11-18T12:00`);
    expect(textOf(body)).toContain('Expected 24 Received 17 Missing 7');
    expect(textOf(body)).toContain('As it was known at 18 Nov 2026, 12:00 (UTC+10:30)');
    expect(body).toContain('name="known" type="datetime-local" value="2026-11-18T12:00"');
    const [, link = ''] = /href="([^"]*)">As it is now/.exec(body) ?? [];
    expect(link.replaceAll('&amp;', '&')).toBe(url);
    expect(textOf((await viewer.get(url)).body)).toContain('Expected 144 Received 137 Missing 7');
    const [, file = ''] = /href="([^"]*)" download/.exec(body) ?? [];
    const csv = await viewer.get(file.replaceAll('&amp;', '&'));
    expect([csv.status, file]).toEqual([200, expect.stringContaining('known=2026-11-18T12%3A00')]);
    expect(textOf((await viewer.get(`${url}&known=soon`)).body)).toContain('“soon” is no time.');
  });
});
