-- Issued invoices whose readings changed afterwards: one open row for a meter point and invoice, widened by what changes later.
CREATE TABLE rebill_candidate (
  id INTEGER PRIMARY KEY,
  meter_point_id INTEGER NOT NULL REFERENCES meter_point (id),
  invoice TEXT NOT NULL REFERENCES invoice (number),
  -- First and last instant that changed.
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  -- What happened there: a reading came where none was, another value became current, a reading went.
  late INTEGER NOT NULL CHECK (late IN (0, 1)),
  changed INTEGER NOT NULL CHECK (changed IN (0, 1)),
  gone INTEGER NOT NULL CHECK (gone IN (0, 1)),
  raised_at INTEGER NOT NULL,
  -- NULL: it waits for somebody.
  dismissed_at INTEGER,
  dismissed_by TEXT,
  reason TEXT
) STRICT;
CREATE UNIQUE INDEX rebill_candidate_open ON rebill_candidate (meter_point_id, invoice) WHERE dismissed_at IS NULL;
