-- What stands where the meter is, for analysis and for finding it; '' is not told.
ALTER TABLE meter_point ADD COLUMN region TEXT NOT NULL DEFAULT '';
ALTER TABLE meter_point ADD COLUMN sub_region TEXT NOT NULL DEFAULT '';
ALTER TABLE meter_point ADD COLUMN postcode TEXT NOT NULL DEFAULT '';
ALTER TABLE meter_point ADD COLUMN dwelling_type TEXT NOT NULL DEFAULT '';

-- Counts changes: whoever changes what somebody else changed since they read it is refused.
ALTER TABLE meter_point ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE account ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- Accounts that were closed, and opened again: the last record of an account is in force.
CREATE TABLE account_closing (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id),
  -- The first day on which nothing is supplied any more; NULL: opened again.
  closed_from TEXT,
  -- The supplies it ended, as JSON of {id, to}, with the day that each would have ended without it.
  ended TEXT NOT NULL CHECK (json_valid(ended)),
  recorded_by TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX account_closing_account ON account_closing (account_id);
CREATE TRIGGER account_closing_update BEFORE UPDATE ON account_closing
BEGIN SELECT RAISE(ABORT, 'accounts: a closing is never edited: record a reopening'); END;
CREATE TRIGGER account_closing_delete BEFORE DELETE ON account_closing
BEGIN SELECT RAISE(ABORT, 'accounts: a closing is never deleted'); END;
