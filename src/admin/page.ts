import type { Access } from '../access/access.ts';
import type { Guard } from '../access/guard.ts';
import type { Role, User } from '../access/user.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { MeterPointStore } from '../accounts/meter-point-store.ts';
import type { SupplyStore } from '../accounts/supply-store.ts';
import type { InvoiceFileDeps } from '../billing/invoice-file.ts';
import type { InvoiceStore } from '../billing/invoice-store.ts';
import type { Consumption } from '../consumption/consumption.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { Instant, Zone } from '../units/time.ts';
import type { OverviewStore } from './overview-store.ts';

/** What pages read and act through. */
export interface AdminDeps extends InvoiceFileDeps {
  access: Access;
  accounts: AccountStore;
  meterPoints: MeterPointStore;
  supplies: SupplyStore;
  consumption: Consumption;
  readings: ReadingIndex;
  invoices: InvoiceStore;
  ledger: LedgerStore;
  overview: OverviewStore;
  /** Zone in which moments that belong to no meter point are shown. */
  zone: Zone;
}

export interface PageRequest {
  params: Record<string, string>;
  query: URLSearchParams;
  user: User;
  now: Instant;
}

export interface ActionRequest extends PageRequest {
  form: URLSearchParams;
}

/** Where to go after an action, or what to show once on the same page (a new key's secret). */
export type ActionResult = { to: string } | { show: Record<string, unknown> };

/** A page is one self-describing object: one file, plus one line in pages/index.ts. Its URL is its whole state. */
export interface AdminPage {
  /** Below /admin, with :parameters. */
  url: string;
  title: string;
  /** File in views/, without .eta. It gets what `load` returns, and `title` may be among it. */
  view: string;
  /** Label in the menu, in the registry's order. */
  menu?: string;
  /** URL of the menu entry a page without its own belongs to. */
  parent?: string;
  /** The least role that may see it. */
  role: Role;
  load(request: PageRequest, deps: AdminDeps): Record<string, unknown>;
  /** What its forms may ask for: POST to `url/NAME`. A Refusal is shown on the page. */
  actions?: Record<string, PageAction>;
}

export interface PageAction {
  role: Role;
  act(request: ActionRequest, deps: AdminDeps): ActionResult | Promise<ActionResult>;
}

export interface AdminOptions {
  guard: Guard;
  /** Whether browsers reach us by https. */
  https: boolean;
}
