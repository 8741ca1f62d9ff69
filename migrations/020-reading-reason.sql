-- Why readings are what they are: the method, reason code and description that MDFF gives with a quality. One row for each run of
-- intervals with the same words, for the version it came with; readings without such words have none.
CREATE TABLE reading_reason (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  -- Half-open; a register's value has one second.
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  version_at INTEGER NOT NULL,
  quality TEXT NOT NULL,
  method TEXT NOT NULL,
  reason_code TEXT NOT NULL,
  reason_text TEXT NOT NULL,
  -- The first words for a version stay, as its values do; a file that comes again adds nothing.
  UNIQUE (series_id, from_at, to_at, version_at, quality)
) STRICT;
