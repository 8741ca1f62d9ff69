import type { Database } from '../kernel/database.ts';

/** A key belongs to whoever sent it. */
export interface IdempotencyKey {
  owner: string;
  key: string;
}

export interface KeptAnswer {
  status: number;
  contentType: string;
  location: string | null;
  body: string;
}

export interface KnownRequest {
  /** Tells another request under the same key from the same one sent again. */
  fingerprint: string;
  /** undefined while it is not answered. */
  answer: KeptAnswer | undefined;
}

type Row = { fingerprint: string; status: number | null } & Omit<KeptAnswer, 'status'>;

export class IdempotencyStore {
  readonly #deleteBefore;
  readonly #find;
  readonly #insert;
  readonly #update;
  readonly #delete;

  constructor(database: Database) {
    this.#deleteBefore = database.prepare<[number]>('DELETE FROM idempotency_key WHERE created_at < ?');
    this.#find = database.prepare<[IdempotencyKey], Row>(
      'SELECT fingerprint, status, content_type AS contentType, location, body FROM idempotency_key WHERE owner = @owner AND key = @key',
    );
    this.#insert = database.prepare<[IdempotencyKey & { fingerprint: string; createdAt: number }]>(
      'INSERT INTO idempotency_key (owner, key, fingerprint, created_at) VALUES (@owner, @key, @fingerprint, @createdAt)',
    );
    this.#update = database.prepare<[IdempotencyKey & KeptAnswer]>(
      `UPDATE idempotency_key SET status = @status, content_type = @contentType, location = @location, body = @body
       WHERE owner = @owner AND key = @key`,
    );
    this.#delete = database.prepare<[IdempotencyKey]>(
      'DELETE FROM idempotency_key WHERE owner = @owner AND key = @key',
    );
  }

  find({ owner, key }: IdempotencyKey): KnownRequest | undefined {
    const row = this.#find.get({ owner, key });
    if (!row) return undefined;
    const { fingerprint, status, contentType, location, body } = row;
    return { fingerprint, answer: status === null ? undefined : { status, contentType, location, body } };
  }

  /** On disk before the request is carried out. */
  claim({ owner, key }: IdempotencyKey, fingerprint: string, createdAt: number): void {
    this.#insert.run({ owner, key, fingerprint, createdAt });
  }

  keep({ owner, key }: IdempotencyKey, answer: KeptAnswer): void {
    this.#update.run({ owner, key, ...answer });
  }

  release({ owner, key }: IdempotencyKey): void {
    this.#delete.run({ owner, key });
  }

  /** `instant` in epoch seconds. */
  forgetBefore(instant: number): void {
    this.#deleteBefore.run(instant);
  }
}
