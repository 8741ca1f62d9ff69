import { renderInvoiceMail } from '../billing/render-invoice-mail.ts';
import { flushHouse, type House } from '../house.ts';
import type { Job } from '../kernel/schedule.ts';
import { sendOutbox } from '../kernel/send-outbox.ts';

const outboxSeconds = 5;

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
      name: 'outbox',
      what: 'sends mails that are due',
      everySeconds: outboxSeconds,
      run: () => sendMails(house),
    },
  ];
}

export function sendMails(house: House) {
  return sendOutbox({ ...house, render: message => renderInvoiceMail(house, message) });
}
