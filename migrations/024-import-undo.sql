-- Imports that were taken back. What they brought stays in the history of readings; the run itself is never removed.
CREATE TABLE import_undo (
  run_id INTEGER PRIMARY KEY REFERENCES import_run (id),
  ordered_by TEXT NOT NULL,
  ordered_at INTEGER NOT NULL,
  -- NULL: ordered and not done; the next start goes on with it.
  finished_at INTEGER,
  report TEXT CHECK (report IS NULL OR json_valid(report))
) STRICT;
