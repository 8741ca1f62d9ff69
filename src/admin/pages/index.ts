import type { AdminPage } from '../page.ts';
import { auditPage } from './audit-page.ts';
import { keysPage } from './keys-page.ts';
import { usersPage } from './users-page.ts';

/** Every page, in the order of the menu. */
export const pages: AdminPage[] = [usersPage, keysPage, auditPage];
