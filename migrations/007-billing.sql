-- Invoice numbers: one counter per series, moved on only inside the transaction that issues, so no number is ever skipped.
CREATE TABLE invoice_series (
  code TEXT PRIMARY KEY,
  next INTEGER NOT NULL
) STRICT;

-- What a bill run proposes. Rebuilt as often as the run is repeated; gone once it is issued. An id is never used again, so that a
-- page somebody left open cannot issue another draft than the one it shows.
CREATE TABLE invoice_draft (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account (id),
  -- The period of the bill run, local days, half-open.
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL CHECK (to_day > from_day),
  -- JSON array of sentences; a draft that has any is parked.
  problems TEXT NOT NULL,
  -- JSON of InvoiceDocument without number and dates.
  document TEXT NOT NULL,
  drafted_at INTEGER NOT NULL,
  UNIQUE (account_id, from_day, to_day)
) STRICT;

-- Which days of which supply a draft would bill.
CREATE TABLE invoice_draft_supply (
  draft_id INTEGER NOT NULL REFERENCES invoice_draft (id) ON DELETE CASCADE,
  supply_id INTEGER NOT NULL REFERENCES supply (id),
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL CHECK (to_day > from_day),
  PRIMARY KEY (draft_id, supply_id, from_day)
) STRICT;

-- Issued: a fact. `document` is the snapshot everything shown is made from; `sha256` is of its text.
CREATE TABLE invoice (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('invoice', 'credit-note')),
  account_id INTEGER NOT NULL REFERENCES account (id),
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL CHECK (to_day > from_day),
  issued_on TEXT NOT NULL,
  due_on TEXT NOT NULL,
  -- What this invoice alone asks for, tax included.
  charges_cents INTEGER NOT NULL,
  -- With the balance brought forward.
  total_due_cents INTEGER NOT NULL,
  document TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  ledger_transaction_id INTEGER NOT NULL UNIQUE REFERENCES ledger_transaction (id),
  issued_at INTEGER NOT NULL
) STRICT;
CREATE INDEX invoice_account ON invoice (account_id, due_on);

CREATE TABLE invoice_supply (
  invoice_id INTEGER NOT NULL REFERENCES invoice (id),
  supply_id INTEGER NOT NULL REFERENCES supply (id),
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL CHECK (to_day > from_day),
  PRIMARY KEY (supply_id, from_day)
) STRICT;
CREATE INDEX invoice_supply_invoice ON invoice_supply (invoice_id);

CREATE TRIGGER invoice_supply_once BEFORE INSERT ON invoice_supply
WHEN EXISTS (SELECT 1 FROM invoice_supply WHERE supply_id = NEW.supply_id AND from_day < NEW.to_day AND to_day > NEW.from_day)
BEGIN SELECT RAISE(ABORT, 'billing: a day of this supply is billed already'); END;

CREATE TRIGGER invoice_update BEFORE UPDATE ON invoice
BEGIN SELECT RAISE(ABORT, 'billing: an issued invoice is never edited'); END;
CREATE TRIGGER invoice_delete BEFORE DELETE ON invoice
BEGIN SELECT RAISE(ABORT, 'billing: an issued invoice is never edited'); END;
CREATE TRIGGER invoice_supply_update BEFORE UPDATE ON invoice_supply
BEGIN SELECT RAISE(ABORT, 'billing: an issued invoice is never edited'); END;
CREATE TRIGGER invoice_supply_delete BEFORE DELETE ON invoice_supply
BEGIN SELECT RAISE(ABORT, 'billing: an issued invoice is never edited'); END;
