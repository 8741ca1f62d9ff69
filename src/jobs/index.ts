import { renderInvoiceMail } from '../billing/render-invoice-mail.ts';
import { flushHouse, type House } from '../house.ts';
import { isImportAlert, renderImportAlert } from '../imports/import-alert.ts';
import type { Job } from '../kernel/schedule.ts';
import { sendOutbox } from '../kernel/send-outbox.ts';

const outboxSeconds = 5;
// A file is taken when two looks found it the same, so this is how long somebody who writes it may pause.
const watchSeconds = 2;
// How late after midnight a day may be closed. Asking often, instead of waiting for midnight, stands any jump of the clock.
const maintenanceSeconds = 20;

/** What the process does by itself, as one table. */
export function jobsOf(house: House): Job[] {
  return [
    {
      name: 'flush',
      what: 'moves readings from the journal to the database and rewrites the archives of days and months that are over',
      everySeconds: house.config.flushSeconds,
      run: () => flushHouse(house),
    },
    {
      name: 'maintenance',
      what: 'closes every local day and month that is over: once, and later when the process did not run at midnight',
      everySeconds: maintenanceSeconds,
      atStart: true,
      run: () => maintain(house),
    },
    {
      name: 'outbox',
      what: 'sends mails that are due',
      everySeconds: outboxSeconds,
      run: () => sendMails(house),
    },
    ...watchJobs(house),
  ];
}

function watchJobs({ watchFolder }: House): Job[] {
  if (!watchFolder) return [];
  const what = 'imports the files that were put into the watched folder';
  return [{ name: 'watch', what, everySeconds: watchSeconds, atStart: true, run: () => watchFolder.look() }];
}

async function maintain({ maintenance, log }: House): Promise<void> {
  // Somebody began one by hand: what is due then is still due afterwards.
  if (maintenance.running) return;
  for (const { kind, period, archive } of await maintenance.catchUp('schedule')) {
    log.info({ kind, period, archive }, 'maintenance done');
  }
}

export function sendMails(house: House) {
  const { seller, imports, config } = house;
  const alerts = { imports, from: { name: seller.name, address: seller.email }, publicUrl: config.publicUrl };
  return sendOutbox({
    ...house,
    render: async message =>
      isImportAlert(message) ? renderImportAlert(alerts, message) : renderInvoiceMail(house, message),
  });
}
