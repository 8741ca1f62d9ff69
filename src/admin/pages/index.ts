import type { AdminPage } from '../page.ts';
import { accountPage } from './account-page.ts';
import { accountsPage } from './accounts-page.ts';
import { auditPage } from './audit-page.ts';
import { billRunPage } from './bill-run-page.ts';
import { conflictsPage } from './conflicts-page.ts';
import { correctionPage } from './correction-page.ts';
import { dashboardPage } from './dashboard-page.ts';
import { draftPage } from './draft-page.ts';
import { gapsPage } from './gaps-page.ts';
import { importFolderPage } from './import-folder-page.ts';
import { importPage } from './import-page.ts';
import { importProfilesPage } from './import-profiles-page.ts';
import { importsPage } from './imports-page.ts';
import { invoicePage } from './invoice-page.ts';
import { invoicesPage } from './invoices-page.ts';
import { keysPage } from './keys-page.ts';
import { draftLinePage, invoiceLinePage } from './line-trace-pages.ts';
import { maintenancePage } from './maintenance-page.ts';
import { meterPointGapsPage } from './meter-point-gaps-page.ts';
import { meterPointPage } from './meter-point-page.ts';
import { meterPointsPage } from './meter-points-page.ts';
import { metersPage } from './meters-page.ts';
import { newAccountPage } from './new-account-page.ts';
import { newMeterPointPage } from './new-meter-point-page.ts';
import { planPage } from './plan-page.ts';
import { plansPage } from './plans-page.ts';
import { quarantinePage } from './quarantine-page.ts';
import { readingsPage } from './readings-page.ts';
import { rebillsPage } from './rebills-page.ts';
import { reconcilePage } from './reconcile-page.ts';
import { tryPlanPage } from './try-plan-page.ts';
import { usagePage } from './usage-page.ts';
import { usersPage } from './users-page.ts';

export interface PageGroup {
  /** Heading in the menu's first line; it leads to the first page the user may see. */
  label: string;
  pages: AdminPage[];
}

/** Every page, in the order of the menu: groups on the first line, the pages of the open one on the second. */
export const pageGroups: PageGroup[] = [
  { label: 'Overview', pages: [dashboardPage] },
  {
    label: 'Customers',
    pages: [accountsPage, accountPage, newAccountPage, meterPointsPage, meterPointPage, newMeterPointPage, metersPage],
  },
  {
    label: 'Readings',
    pages: [usagePage, readingsPage, gapsPage, meterPointGapsPage, conflictsPage, quarantinePage, reconcilePage],
  },
  { label: 'Files', pages: [importsPage, importPage, importFolderPage, importProfilesPage, maintenancePage] },
  {
    label: 'Plans & bills',
    pages: [
      plansPage,
      planPage,
      tryPlanPage,
      billRunPage,
      draftPage,
      draftLinePage,
      invoicesPage,
      invoicePage,
      invoiceLinePage,
      rebillsPage,
      correctionPage,
    ],
  },
  { label: 'Administration', pages: [usersPage, keysPage, auditPage] },
];

export const pages: AdminPage[] = pageGroups.flatMap(group => group.pages);
