import { describe, expect, it } from 'vitest';
import { type Role, roles } from '../../src/access/user.ts';
import { menuFor } from '../../src/admin/menu.ts';
import { pageGroups, pages } from '../../src/admin/pages/index.ts';

const menuAt = (url: string, role: Role = 'admin') =>
  menuFor({ role }, pages.find(page => page.url === url)!, pageGroups);
const marked = (entries: { label: string; current?: string }[]) =>
  entries.flatMap(({ label, current }) => (current ? [`${label} ${current}`] : []));

describe('the menu', () => {
  it.each([
    ['/admin', ['Overview page'], []],
    ['/admin/accounts', ['Customers true'], ['Accounts page']],
    ['/admin/accounts/:number', ['Customers true'], ['Accounts page']],
    ['/admin/drafts/:id', ['Plans & bills true'], ['Bill run page']],
  ] as [string, string[], string[]][])('at %s marks the group and the page', (url, groups, entries) => {
    const menu = menuAt(url);
    expect([marked(menu.groups), marked(menu.pages)]).toEqual([groups, entries]);
  });

  it('leads to nothing that the role may not see', () => {
    for (const role of roles) {
      const menu = menuAt('/admin/accounts', role);
      for (const { url } of [...menu.groups, ...menu.pages]) {
        const page = pages.find(each => each.url === url)!;
        expect([role, url, roles.indexOf(role) >= roles.indexOf(page.role)]).toEqual([role, url, true]);
      }
    }
    expect(menuAt('/admin', 'viewer').groups.map(({ label }) => label)).not.toContain('Administration');
  });

  it('reaches every page that has a label', () => {
    const reached = pageGroups.flatMap(group => menuAt(group.pages[0]!.url).pages.map(({ url }) => url));
    const labelled = pages.flatMap(({ url, menu }) => (menu && url !== '/admin' ? [url] : []));
    expect(reached.sort()).toEqual(labelled.sort());
  });
});
