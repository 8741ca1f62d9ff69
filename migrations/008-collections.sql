-- Money received: a fact with the day it came, kept once per key however often the bank's file is read.
CREATE TABLE payment (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id),
  received_on TEXT NOT NULL,
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
  method TEXT NOT NULL,
  reference TEXT NOT NULL,
  dedupe_key TEXT NOT NULL UNIQUE,
  ledger_transaction_id INTEGER NOT NULL UNIQUE REFERENCES ledger_transaction (id),
  recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX payment_account ON payment (account_id, received_on);

CREATE TRIGGER payment_update BEFORE UPDATE ON payment
BEGIN SELECT RAISE(ABORT, 'collections: a payment is never edited'); END;
CREATE TRIGGER payment_delete BEFORE DELETE ON payment
BEGIN SELECT RAISE(ABORT, 'collections: a payment is never edited'); END;
