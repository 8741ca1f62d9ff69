-- What is noted of readings that are not current becomes a history that undoing an import and deciding a conflict add to: rows are added
-- and never changed. received_at is when a reading came or became current, 0 when nobody noted it; ended_at when it was replaced,
-- withdrawn, declined or closed, 0 for what came beside the current one.
ALTER TABLE reading_version RENAME TO reading_version_before;
CREATE TABLE reading_version (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- NULL: the sender says there is no value.
  value INTEGER,
  minutes INTEGER NOT NULL,
  quality TEXT NOT NULL,
  source_id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  version_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  -- superseded: was current, a newer version replaced it · conflict: same standing, other value · older: arrived late · withdrawn: was
  -- current, its import was undone · declined: somebody decided against it · closed: stands beside no longer
  outcome TEXT NOT NULL CHECK (outcome IN ('superseded', 'conflict', 'older', 'withdrawn', 'declined', 'closed'))
) STRICT;
INSERT INTO reading_version
SELECT id, series_id, at, value, minutes, quality, source_id, line, version_at,
  CASE outcome WHEN 'superseded' THEN 0 ELSE received_at END,
  CASE outcome WHEN 'superseded' THEN received_at ELSE 0 END,
  outcome
FROM reading_version_before;
DROP TABLE reading_version_before;
CREATE INDEX reading_version_at ON reading_version (series_id, at);
-- Which instants an import that is undone speaks of, and what is open, without walking everything.
CREATE INDEX reading_version_source ON reading_version (source_id, series_id, at);
CREATE INDEX reading_version_conflict ON reading_version (id) WHERE outcome = 'conflict';
