-- A file that was read. Its bytes stand in data/imports/ under their SHA-256, so the same bytes are known whatever they are called.
CREATE TABLE import_run (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL,
  name TEXT NOT NULL,
  format TEXT NOT NULL,
  imported_by TEXT NOT NULL,
  strict INTEGER NOT NULL CHECK (strict IN (0, 1)),
  started_at INTEGER NOT NULL,
  -- NULL while it runs, and for ever when the process was killed: importing the file again completes it.
  finished_at INTEGER,
  report TEXT CHECK (report IS NULL OR json_valid(report))
) STRICT;
CREATE INDEX import_run_sha256 ON import_run (sha256);
