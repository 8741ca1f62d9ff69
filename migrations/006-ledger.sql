-- Double entry. Debits are positive, credits negative; every transaction sums to zero and is never edited.
-- Entries are written first and their transaction last: its trigger then sees all of them and closes them.
CREATE TABLE ledger_transaction (
  id INTEGER PRIMARY KEY,
  booked_on TEXT NOT NULL,
  -- What made it, such as ('payment', '17'): the same thing cannot be posted twice.
  kind TEXT NOT NULL,
  reference TEXT NOT NULL,
  description TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (kind, reference)
) STRICT;

CREATE TABLE ledger_entry (
  transaction_id INTEGER NOT NULL REFERENCES ledger_transaction (id) DEFERRABLE INITIALLY DEFERRED,
  position INTEGER NOT NULL,
  account TEXT NOT NULL,
  amount_cents INTEGER NOT NULL,
  PRIMARY KEY (transaction_id, position)
) STRICT;
CREATE INDEX ledger_entry_account ON ledger_entry (account, transaction_id, position, amount_cents);

CREATE TRIGGER ledger_transaction_balances BEFORE INSERT ON ledger_transaction
BEGIN
  SELECT RAISE(ABORT, 'ledger: a transaction needs two entries that sum to zero')
  WHERE (SELECT count(*) < 2 OR sum(amount_cents) <> 0 FROM ledger_entry WHERE transaction_id = NEW.id);
  SELECT RAISE(ABORT, 'ledger: transactions are numbered without a hole')
  WHERE NEW.id <> (SELECT ifnull(max(id), 0) + 1 FROM ledger_transaction);
  SELECT RAISE(ABORT, 'ledger: the chain continues from the last hash')
  WHERE NEW.previous_hash <> ifnull((SELECT hash FROM ledger_transaction ORDER BY id DESC LIMIT 1), '');
END;

CREATE TRIGGER ledger_entry_closed BEFORE INSERT ON ledger_entry
WHEN EXISTS (SELECT 1 FROM ledger_transaction WHERE id = NEW.transaction_id)
BEGIN SELECT RAISE(ABORT, 'ledger: the transaction is closed'); END;

CREATE TRIGGER ledger_transaction_update BEFORE UPDATE ON ledger_transaction
BEGIN SELECT RAISE(ABORT, 'ledger: append, never edit'); END;
CREATE TRIGGER ledger_transaction_delete BEFORE DELETE ON ledger_transaction
BEGIN SELECT RAISE(ABORT, 'ledger: append, never edit'); END;
CREATE TRIGGER ledger_entry_update BEFORE UPDATE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger: append, never edit'); END;
CREATE TRIGGER ledger_entry_delete BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger: append, never edit'); END;
