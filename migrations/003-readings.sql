-- One bit-packed block per series and UTC day. id = series_id × 131072 + day number: an integer rowid keeps a series' days together,
-- and 2^17 days reach the year 2328.
CREATE TABLE reading_day (
  id INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  block BLOB NOT NULL
) STRICT;

-- What lost to another value for the same instant and is kept all the same.
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
  -- superseded: a newer version replaced it · conflict: same standing, other value, somebody must decide · older: arrived late
  outcome TEXT NOT NULL CHECK (outcome IN ('superseded', 'conflict', 'older'))
) STRICT;
CREATE INDEX reading_version_at ON reading_version (series_id, at);

-- Where readings come from: an API key, an import run, the demo's past.
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  reference TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (kind, reference)
) STRICT;

-- How far the journal has been flushed: everything up to and including this group stands in reading_day.
CREATE TABLE journal_position (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  day TEXT NOT NULL,
  offset INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;

-- Archives that no longer show what the store holds: local days ('2026-11-21') and months ('2026-11') of the site's zone.
CREATE TABLE archive_due (
  kind TEXT NOT NULL CHECK (kind IN ('day', 'month')),
  period TEXT NOT NULL,
  PRIMARY KEY (kind, period)
) STRICT;
