-- What a home remembers of the settings it was opened with, by the variable that says them: its days, the currency of its books, the form
-- of its invoice numbers. Added to and never edited; the newest row of a name holds.
CREATE TABLE home_setting (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  said_at INTEGER NOT NULL,
  -- 'environment', 'default', 'backup', or the command that changed it.
  said_by TEXT NOT NULL
) STRICT;
CREATE INDEX home_setting_name ON home_setting (name, id);

CREATE TRIGGER home_setting_update BEFORE UPDATE ON home_setting
BEGIN SELECT RAISE(ABORT, 'home: what was remembered is never edited'); END;
CREATE TRIGGER home_setting_delete BEFORE DELETE ON home_setting
BEGIN SELECT RAISE(ABORT, 'home: what was remembered is never edited'); END;
