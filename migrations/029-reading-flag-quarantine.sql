-- What a rule noted at a reading that was kept: it speaks of the value, so a reading that replaces it begins without. The journal has
-- each first, and a row that is there already is passed over when the journal is replayed.
CREATE TABLE reading_flag (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  value INTEGER NOT NULL,
  rule TEXT NOT NULL,
  flagged_at INTEGER NOT NULL,
  UNIQUE (series_id, at, rule, value)
) STRICT;

-- Readings that a rule put aside for somebody to look at. The number is given when the journal is told, so that replaying the journal
-- adds nothing twice.
CREATE TABLE quarantined_reading (
  id INTEGER PRIMARY KEY,
  received_at INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  rule TEXT NOT NULL,
  meter_point TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('register', 'channel')),
  code TEXT NOT NULL,
  -- Time and value as they were sent, for whoever looks.
  stamp TEXT NOT NULL,
  value TEXT NOT NULL,
  -- The reading itself, as JSON.
  item TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'applied', 'discarded')),
  decided_at INTEGER,
  decided_by TEXT NOT NULL DEFAULT '',
  -- Why it was discarded, or what became of it when it was applied.
  reason TEXT NOT NULL DEFAULT ''
) STRICT;
-- The same reading waits once, however often it is sent.
CREATE UNIQUE INDEX quarantined_reading_waiting ON quarantined_reading (meter_point, item) WHERE state = 'waiting';
CREATE INDEX quarantined_reading_state ON quarantined_reading (state, id);
