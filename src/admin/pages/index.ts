import type { AdminPage } from '../page.ts';
import { accountPage } from './account-page.ts';
import { accountsPage } from './accounts-page.ts';
import { auditPage } from './audit-page.ts';
import { dashboardPage } from './dashboard-page.ts';
import { invoicePage } from './invoice-page.ts';
import { invoicesPage } from './invoices-page.ts';
import { keysPage } from './keys-page.ts';
import { meterPointPage } from './meter-point-page.ts';
import { meterPointsPage } from './meter-points-page.ts';
import { usersPage } from './users-page.ts';

/** Every page, in the order of the menu. */
export const pages: AdminPage[] = [
  dashboardPage,
  meterPointsPage,
  meterPointPage,
  accountsPage,
  accountPage,
  invoicesPage,
  invoicePage,
  usersPage,
  keysPage,
  auditPage,
];
