-- Whether readings are taken in. Each change is a record; the last one is in force, and without any readings are taken in.
CREATE TABLE reception_change (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  receiving INTEGER NOT NULL CHECK (receiving IN (0, 1)),
  changed_by TEXT NOT NULL
) STRICT;

-- Maintenance that was carried out: a local day ('2026-11-21') or month ('2026-11') of the site's zone.
CREATE TABLE maintenance_run (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('daily', 'monthly')),
  period TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  started_by TEXT NOT NULL
) STRICT;
CREATE INDEX maintenance_run_period ON maintenance_run (kind, period);

-- How often a period was marked: an archive is made in slices, and one marked again meanwhile is still behind when it is done.
ALTER TABLE archive_due ADD COLUMN marks INTEGER NOT NULL DEFAULT 1;
