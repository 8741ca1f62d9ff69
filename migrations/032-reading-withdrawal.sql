-- Readings of registers that their sender withdrew (D10-10), by what it said: whatever says such a reading, earlier or in a file that comes
-- later but is older, does not count.
CREATE TABLE reading_withdrawal (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL REFERENCES series (id),
  at INTEGER NOT NULL,
  -- Millionths of a kWh.
  value INTEGER NOT NULL,
  -- Of the file that withdrew it; a newer one may say it again.
  version_at INTEGER NOT NULL,
  source_id INTEGER NOT NULL REFERENCES source (id),
  line INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  UNIQUE (series_id, at, value, version_at, source_id)
) STRICT;
CREATE INDEX reading_withdrawal_by_source ON reading_withdrawal (source_id);
