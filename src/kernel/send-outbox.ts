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
 * Sends everything that is due, one message at a time. Safe in two processes at once: each message is claimed first. A crash after the
 * mail server accepted a mail and before the row says so sends it once more, with the same Message-ID.
 */
export async function sendOutbox({ outbox, mailer, clock, render }: SendOutboxDeps): Promise<OutboxReport> {
  const report: OutboxReport = { sent: 0, postponed: 0, failed: 0 };
  for (;;) {
    const message = outbox.claim(seconds(clock));
    if (!message) return report;
    report[await send(message)] += 1;
  }

  async function send(message: OutboxMessage): Promise<keyof OutboxReport> {
    try {
      await mailer.send(await render(message));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return outbox.markFailed(message, why, seconds(clock)) ? 'postponed' : 'failed';
    }
    outbox.markSent(message, seconds(clock));
    return 'sent';
  }
}

function seconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
