import type { Clock } from './clock.ts';
import type { Mail, Mailer } from './mailer.ts';
import type { OutboxMessage } from './outbox.ts';
import type { OutboxStore } from './outbox-store.ts';

export interface SendOutboxDeps {
  outbox: OutboxStore;
  mailer: Mailer;
  clock: Clock;
  /** Makes the mail from what the message refers to; the Message-ID must depend on nothing else. */
  render: (message: OutboxMessage) => Promise<Mail>;
}

export interface OutboxReport {
  sent: number;
  /** Went wrong and will be tried again. */
  postponed: number;
  /** Went wrong for the last time: a person must look. */
  failed: number;
}

/**
 * Sends what is due, one message at a time, until the mail server cannot be talked to; the rest stays due. Safe in two processes at once:
 * each message is claimed first. A crash after the
 * mail server accepted a mail and before the row says so sends it once more, with the same Message-ID.
 */
export async function sendOutbox({ outbox, mailer, clock, render }: SendOutboxDeps): Promise<OutboxReport> {
  const report: OutboxReport = { sent: 0, postponed: 0, failed: 0 };
  let answers = true;
  while (answers && !mailer.closed) {
    const message = outbox.claim(seconds(clock));
    if (!message) break;
    report[await send(message)] += 1;
  }
  return report;

  async function send(message: OutboxMessage): Promise<keyof OutboxReport> {
    try {
      await mailer.send(await render(message));
    } catch (error) {
      answers = !isServerTrouble(error);
      const why = error instanceof Error ? error.message : String(error);
      return outbox.markFailed(message, why, seconds(clock)) ? 'postponed' : 'failed';
    }
    outbox.markSent(message, seconds(clock));
    return 'sent';
  }
}

// What nodemailer calls a server that cannot be reached, does not answer in time or does not let us in: the next message would fare
// no better, and a silent server costs fifteen seconds each time.
const serverTroubles = ['ECONNECTION', 'ECONNREFUSED', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ETLS', 'EAUTH'];

function isServerTrouble(error: unknown): boolean {
  return error instanceof Error && 'code' in error && serverTroubles.some(code => code === error.code);
}

function seconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
