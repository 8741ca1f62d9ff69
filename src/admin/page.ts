import type { Access } from '../access/access.ts';
import type { Guard } from '../access/guard.ts';
import type { Role, User } from '../access/user.ts';
import type { MeterStore } from '../accounts/meter-store.ts';
import type { BillRunDeps } from '../billing/bill-run.ts';
import type { IssueDeps } from '../billing/issue-invoices.ts';
import type { RebillCandidateStore } from '../billing/rebill-candidate-store.ts';
import type { ReceivableStore } from '../collections/receivable-store.ts';
import type { RecordPaymentDeps } from '../collections/record-payment.ts';
import type { UsageAnalysis } from '../consumption/usage-analysis.ts';
import type { DialReadingStore } from '../imports/dial-reading-store.ts';
import type { ImportQueue } from '../imports/import-queue.ts';
import type { ImportRunStore } from '../imports/import-run-store.ts';
import type { ImportUndos } from '../imports/import-undos.ts';
import type { ImportProfileStore } from '../imports/profiles/import-profile-store.ts';
import type { WatchFolder } from '../imports/watch-folder.ts';
import type { Maintenance } from '../maintenance/maintenance.ts';
import type { MaintenanceStore } from '../maintenance/maintenance-store.ts';
import type { Archiver } from '../readings/archiver.ts';
import type { PostDeps } from '../readings/post-readings.ts';
import type { QuarantineStore } from '../readings/quarantine-store.ts';
import type { ReadingFlagStore } from '../readings/reading-flag-store.ts';
import type { ReadingIndex } from '../readings/reading-index.ts';
import type { ReadingReasonStore } from '../readings/reading-reason-store.ts';
import type { ReadingStore } from '../readings/reading-store.ts';
import type { Reception } from '../readings/reception.ts';
import type { SourceStore } from '../readings/source-store.ts';
import type { Instant, Zone } from '../units/time.ts';
import type { CsvList } from './list.ts';
import type { Overview } from './overview.ts';
import type { SavedSearchStore } from './saved-search-store.ts';

/** What pages read and act through. */
export interface AdminDeps extends BillRunDeps, IssueDeps, RecordPaymentDeps {
  access: Access;
  readings: ReadingIndex;
  /** Where a reading that a person types goes in: by the door that meters have. */
  posting: PostDeps;
  /** What rules noted at readings. */
  flags: ReadingFlagStore;
  /** What rules put aside. */
  quarantine: QuarantineStore;
  reception: Reception;
  maintenance: Maintenance;
  maintenanceRuns: MaintenanceStore;
  archiver: Archiver;
  reasons: ReadingReasonStore;
  sources: SourceStore;
  meters: MeterStore;
  /** Dial values that files brought, made from what is stored. */
  dialReadings: DialReadingStore;
  store: Pick<ReadingStore, 'listBlocks' | 'versions'>;
  imports: ImportRunStore;
  importProfiles: ImportProfileStore;
  /** Where the bytes of imported files are kept by hash. */
  importFolder: string;
  importQueue: ImportQueue;
  importUndos: ImportUndos;
  rebillCandidates: RebillCandidateStore;
  /** undefined when no folder is watched. */
  watchFolder: WatchFolder | undefined;
  receivables: ReceivableStore;
  savedSearches: SavedSearchStore;
  overview: Overview;
  usage: UsageAnalysis;
  /** Zone in which moments that belong to no meter point are shown. */
  zone: Zone;
  /** What the books are kept in. */
  currency: string;
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
  /** Label in the menu's second line; the registry says in which group and where. */
  menu?: string;
  /** URL of the menu entry a page without its own belongs to. */
  parent?: string;
  /** The least role that may see it. */
  role: Role;
  load(request: PageRequest, deps: AdminDeps): Record<string, unknown> | Promise<Record<string, unknown>>;
  /**
   * What its forms may ask for: POST to `url/NAME`. A Refusal is shown on the page: `problem` in a sentence, `problems` by field, and
   * what was `typed` into the form `sent`.
   */
  actions?: Record<string, PageAction>;
  /** The page's list as one CSV file at `url.csv`, with the same search and filters and without pages. */
  csv?(request: PageRequest, deps: AdminDeps): CsvList | Promise<CsvList>;
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
