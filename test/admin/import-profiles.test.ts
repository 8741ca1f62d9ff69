import { describe, expect, it } from 'vitest';
import { adminApp } from './app.ts';

const page = '/admin/import-profiles';
const sample = `EAN;Time;Usage kWh\n${Array.from({ length: 12 }, (_, slot) => `541448;13-10-2026 ${String(slot).padStart(2, '0')}:00;0,${5 + (slot % 2)}\n`).join('')}`;

/** The form as the page shows it, with its fields' values. */
function fieldsOf(body: string): Record<string, string> {
  const unescaped = (text: string) =>
    text
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
  const form = body.slice(body.indexOf(`action="${page}/look"`));
  const inputs = [...form.matchAll(/<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)].map(([, name, value]) => [
    name!,
    unescaped(value!),
  ]);
  const selects = [...form.matchAll(/<select[^>]*name="([^"]+)"[^>]*>(.*?)<\/select>/gs)].map(([, name, options]) => {
    const chosen = /<option(?: value="([^"]*)")? selected>([^<]*)/.exec(options!);
    return [name!, chosen?.[1] ?? chosen?.[2] ?? ''];
  });
  const fields: Record<string, string> = Object.fromEntries([...inputs, ...selects]);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'csrf' && name !== 'replace'));
}

describe('the page of CSV profiles', () => {
  it('shows a sample by role, asks what it cannot know, and gives totals', async () => {
    const browser = await (await adminApp()).signedIn('operator');
    const { status, body } = await browser.submit(page, `${page}/look`, { sample });
    expect(status).toBe(200);
    expect(body).toContain('On which clock are the times?');
    expect(body).toContain('class="role-energy"');
    expect(body).toContain('6.600');
  });

  it('is adjusted, looked at again and saved', async () => {
    const { deps, signedIn } = await adminApp();
    const browser = await signedIn('operator');
    const first = await browser.submit(page, `${page}/look`, { sample });
    const fields = {
      ...fieldsOf(first.body),
      zone: 'Europe/Brussels',
      'flow-1': 'to-grid',
      'code-1': 'B1',
      name: 'my-portal',
      title: 'My portal',
    };
    const again = await browser.submit(page, `${page}/look`, fields);
    expect(again.body).toContain('to grid');
    expect(again.body).toContain('6.600');
    const saved = await browser.submit(page, `${page}/save`, fieldsOf(again.body));
    expect(saved.location).toBe(`${page}?saved=my-portal`);
    expect(deps.importProfiles.get('my-portal')).toMatchObject({
      version: 1,
      profile: {
        title: 'My portal',
        zone: 'Europe/Brussels',
        meterPoint: { from: 'column', column: 'EAN' },
        tables: [{ values: [{ channel: { code: 'B1', flow: 'to-grid' } }] }],
      },
    });
    const twice = await browser.submit(page, `${page}/save`, fieldsOf(again.body));
    expect(twice.body).toContain('there is a mapping profile my-portal already');
    const next = await browser.submit(page, `${page}/save`, { ...fieldsOf(again.body), replace: 'yes' });
    expect(next.location).toBe(`${page}?saved=my-portal`);
    expect(deps.importProfiles.get('my-portal').version).toBe(2);
  });

  it('says what is wrong with a field and keeps the rest', async () => {
    const browser = await (await adminApp()).signedIn('operator');
    const first = await browser.submit(page, `${page}/look`, { sample });
    const { body } = await browser.submit(page, `${page}/look`, { ...fieldsOf(first.body), zone: 'Mars/Olympus' });
    expect(body).toContain('zone: write offset');
    expect(body).toContain('6.600');
  });

  it('a file of one meter may name it in the profile', async () => {
    const { deps, signedIn } = await adminApp();
    const browser = await signedIn('operator');
    const nameless = sample.replaceAll(/^[^;]*;/gm, '');
    const first = await browser.submit(page, `${page}/look`, { sample: nameless });
    expect(first.body).toContain('Which meter point is the file of?');
    const fields = { ...fieldsOf(first.body), name: 'roof', meterPoint: 'ROOF-1', keepMeterPoint: 'yes' };
    expect((await browser.submit(page, `${page}/save`, fields)).location).toBe(`${page}?saved=roof`);
    expect(deps.importProfiles.get('roof').profile.meterPoint).toEqual({ from: 'profile', identifier: 'ROOF-1' });
  });

  it('says that text is no table', async () => {
    const browser = await (await adminApp()).signedIn('operator');
    const { body } = await browser.submit(page, `${page}/look`, { sample: 'Dear Sir,\nhello\n' });
    expect(body).toContain('No column of these lines reads as a date');
  });

  it('a viewer may look at the list and not save', async () => {
    const browser = await (await adminApp()).signedIn('viewer');
    expect((await browser.get(page)).body).toContain('Fluvius');
    expect((await browser.submit(page, `${page}/save`, { sample })).status).toBe(403);
  });
});
