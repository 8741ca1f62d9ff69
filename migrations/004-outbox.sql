-- What must still leave the house. The row is written in the same transaction as the fact it tells of.
CREATE TABLE outbox_message (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('mail')),
  -- What to render when it is sent, such as "invoice:2026-000123": once per kind, however often it is asked for.
  reference TEXT NOT NULL,
  recipient_name TEXT NOT NULL,
  recipient_address TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER NOT NULL,
  -- While a process sends it, nobody else may; a process that died holding it loses it at this instant.
  claimed_until INTEGER NOT NULL DEFAULT 0,
  sent_at INTEGER,
  failed_at INTEGER,
  last_error TEXT NOT NULL DEFAULT '',
  UNIQUE (kind, reference)
) STRICT;
CREATE INDEX outbox_message_waiting ON outbox_message (next_attempt_at) WHERE sent_at IS NULL AND failed_at IS NULL;
