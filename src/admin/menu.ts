import { mayActAs, type User } from '../access/user.ts';
import type { AdminPage } from './page.ts';
import type { PageGroup } from './pages/index.ts';

export interface MenuEntry {
  url: string;
  label: string;
  /** What `aria-current` says of it: the page itself or the one it belongs to, or the group around that. */
  current?: 'page' | 'true';
}

export interface Menu {
  groups: MenuEntry[];
  /** Heading of the second line. */
  group: string;
  /** The second line: the pages of the group `here` is in; empty when it has but one. */
  pages: MenuEntry[];
}

/** Two lines: every group that holds a page the user may see, and the pages of the one that is open. */
export function menuFor(user: Pick<User, 'role'>, here: AdminPage, groups: PageGroup[]): Menu {
  const lines = groups.map(({ label, pages }) => ({
    label,
    isOpen: pages.includes(here),
    entries: pages.flatMap(page =>
      page.menu && mayActAs(user.role, page.role) ? [entryOf(page, page.menu, here)] : [],
    ),
  }));
  const open = lines.find(({ isOpen }) => isOpen);
  return {
    groups: lines.flatMap(({ label, isOpen, entries: [first, ...others] }) => {
      if (!first) return [];
      if (others.length === 0) return [{ ...first, label }];
      return [{ url: first.url, label, ...(isOpen && { current: 'true' as const }) }];
    }),
    group: open?.label ?? '',
    pages: open && open.entries.length > 1 ? open.entries : [],
  };
}

function entryOf({ url }: AdminPage, label: string, here: AdminPage): MenuEntry {
  return { url, label, ...((url === here.url || url === here.parent) && { current: 'page' as const }) };
}
