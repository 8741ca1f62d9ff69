import { beforeEach, expect, it } from 'vitest';
import { type AdminApp, adminApp, type Browser } from './app.ts';
import { addImport } from './seed.ts';

let test: AdminApp;
let browser: Browser;
const page = '/admin/imports?q=bad&state=finished';
const keep = (name: string, back = page) => browser.submit(page, '/admin/saved-searches', { name, back });

beforeEach(async () => {
  test = await adminApp();
  browser = await test.signedIn('viewer');
  addImport(test.deps, 'bad.csv');
});

it('a search is kept under a name, leads back to its rows, and is forgotten again', async () => {
  expect((await browser.get('/admin/imports')).body).not.toContain('Keep this search');
  expect((await browser.get(page)).body).toContain('Keep this search');
  expect(await keep('Bad files', `${page}&page=3&sort=`)).toMatchObject({ status: 303, location: page });
  const { body } = await browser.get('/admin/imports');
  expect(body).toMatch(/<a href="\/admin\/imports\?q=bad&amp;state=finished">Bad files<\/a>/);
  // It is what the page shows already.
  expect((await browser.get(page)).body).not.toContain('Keep this search');
  expect((await browser.get('/admin/meter-points')).body).not.toContain('Bad files');
  await browser.submit(page, '/admin/saved-searches/remove', { id: '1', back: page });
  expect((await browser.get('/admin/imports')).body).not.toContain('Bad files');
});

it("the same name is the last search, and nobody sees or removes another's", async () => {
  await keep('Mine', '/admin/imports?q=old');
  await keep('Mine');
  const own = (await browser.get('/admin/imports')).body;
  expect([...own.matchAll(/>Mine</g)]).toHaveLength(1);
  expect(own).toContain('q=bad');
  browser = await test.signedIn('operator');
  expect((await browser.get('/admin/imports')).body).not.toContain('Mine');
  await browser.submit(page, '/admin/saved-searches/remove', { id: '1', back: page });
  browser = await test.signedIn('viewer');
  expect((await browser.get('/admin/imports')).body).toContain('Mine');
});

it.each(['https://evil.example/', '//evil.example/admin', '/v1/imports', '/admin/imports/../../x'])(
  'leads nowhere but to a page of ours: %s',
  async back => {
    expect((await keep('x', back)).status).toBe(422);
  },
);

it('has a name, and what is in it is text', async () => {
  expect((await keep(' ')).status).toBe(422);
  await keep('<b>"x"</b>');
  expect((await browser.get('/admin/imports')).body).toContain('&lt;b&gt;&quot;x&quot;&lt;/b&gt;');
});
