import type { Statement } from 'better-sqlite3';
import type { Database } from './database.ts';
import { type NewOutboxMessage, type OutboxMessage, retryDelaySeconds } from './outbox.ts';

const columns = `id, kind, reference, recipient_name AS recipientName, recipient_address AS recipientAddress, created_at AS createdAt,
  attempts, next_attempt_at AS nextAttemptAt, sent_at AS sentAt, failed_at AS failedAt, last_error AS lastError`;

// Longer than any conversation with a mail server may last (the mailer's timeouts), so a claim never lapses under a living sender.
const claimSeconds = 600;

export const outboxStates = ['waiting', 'sent', 'failed'] as const;
export type OutboxState = (typeof outboxStates)[number];
const stateConditions: Record<OutboxState, string> = {
  waiting: 'sent_at IS NULL AND failed_at IS NULL',
  sent: 'sent_at IS NOT NULL',
  failed: 'failed_at IS NOT NULL',
};

interface OutboxRow extends Omit<OutboxMessage, 'sentAt' | 'failedAt'> {
  sentAt: number | null;
  failedAt: number | null;
}

export class OutboxStore {
  readonly #database: Database;
  readonly #add: Statement<[NewOutboxMessage & { createdAt: number }]>;
  readonly #claim: Statement<[{ now: number; claimedUntil: number }], OutboxRow>;
  readonly #sent: Statement<[{ id: number; now: number }]>;
  readonly #failed: Statement<[{ id: number; error: string; nextAttemptAt: number; failedAt: number | null }]>;
  readonly #retry: Statement<[{ id: number; now: number }]>;

  constructor(database: Database) {
    this.#database = database;
    this.#add = database.prepare(
      `INSERT INTO outbox_message (kind, reference, recipient_name, recipient_address, created_at, next_attempt_at)
       VALUES (@kind, @reference, @recipientName, @recipientAddress, @createdAt, @createdAt)`,
    );
    this.#claim = database.prepare(
      `UPDATE outbox_message SET attempts = attempts + 1, claimed_until = @claimedUntil
       WHERE id = (SELECT id FROM outbox_message WHERE sent_at IS NULL AND failed_at IS NULL
                   AND next_attempt_at <= @now AND claimed_until <= @now ORDER BY next_attempt_at, id LIMIT 1)
       RETURNING ${columns}`,
    );
    this.#sent = database.prepare(
      `UPDATE outbox_message SET sent_at = @now, claimed_until = 0, last_error = '' WHERE id = @id`,
    );
    this.#failed = database.prepare(
      `UPDATE outbox_message SET claimed_until = 0, last_error = @error, next_attempt_at = @nextAttemptAt, failed_at = @failedAt
       WHERE id = @id AND sent_at IS NULL`,
    );
    this.#retry = database.prepare(
      `UPDATE outbox_message SET attempts = 0, next_attempt_at = @now, failed_at = NULL
       WHERE id = @id AND sent_at IS NULL AND claimed_until <= @now`,
    );
  }

  /** Call it inside the transaction that makes the fact the message tells of. */
  add(message: NewOutboxMessage, createdAt: number): void {
    this.#add.run({ ...message, createdAt });
  }

  /** The next message that is due, now held by the caller alone; a holder that dies loses it after ten minutes. */
  claim(now: number): OutboxMessage | undefined {
    const row = this.#claim.get({ now, claimedUntil: now + claimSeconds });
    return row && fromRow(row);
  }

  markSent(message: OutboxMessage, now: number): void {
    this.#sent.run({ id: message.id, now });
  }

  /** Plans the next attempt, or gives up after the last. Returns whether there will be another. */
  markFailed(message: OutboxMessage, error: string, now: number): boolean {
    const delay = retryDelaySeconds(message.attempts);
    this.#failed.run({
      id: message.id,
      error,
      nextAttemptAt: now + (delay ?? 0),
      failedAt: delay === undefined ? now : null,
    });
    return delay !== undefined;
  }

  /** Begins the schedule again for a message that failed or waits, when a person asks for it. */
  retry(id: number, now: number): void {
    this.#retry.run({ id, now });
  }

  find(kind: OutboxMessage['kind'], reference: string): OutboxMessage | undefined {
    const row = this.#database
      .prepare<[string, string], OutboxRow>(`SELECT ${columns} FROM outbox_message WHERE kind = ? AND reference = ?`)
      .get(kind, reference);
    return row && fromRow(row);
  }

  /** Messages in a state, newest first. */
  list(state: OutboxState, { limit = 100, offset = 0 }: { limit?: number; offset?: number } = {}): OutboxMessage[] {
    return this.#database
      .prepare<[number, number], OutboxRow>(
        `SELECT ${columns} FROM outbox_message WHERE ${stateConditions[state]} ORDER BY id DESC LIMIT ? OFFSET ?`,
      )
      .all(limit, offset)
      .map(fromRow);
  }

  count(state: OutboxState): number {
    return this.#database
      .prepare<[], { count: number }>(`SELECT count(*) AS count FROM outbox_message WHERE ${stateConditions[state]}`)
      .get()!.count;
  }
}

function fromRow(row: OutboxRow): OutboxMessage {
  return { ...row, sentAt: row.sentAt ?? undefined, failedAt: row.failedAt ?? undefined };
}
