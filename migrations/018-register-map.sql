-- What is known of a register from a day on: only what was told, the rest stays as it was. Facts are added, never edited: of two for the
-- same day the one with the newer stamp stands, then the one that came later.
CREATE TABLE register_map (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL REFERENCES series (id),
  from_day TEXT NOT NULL,
  -- When that day begins at the meter point; the moment itself where a meter was exchanged.
  from_at INTEGER NOT NULL,
  -- Integer of 1e-6: 80 is 80000000.
  multiplier_micro INTEGER CHECK (multiplier_micro > 0),
  digits INTEGER CHECK (digits BETWEEN 1 AND 9),
  kind TEXT CHECK (kind IN ('cumulative', 'maximum-demand', 'other')),
  quantity TEXT NOT NULL DEFAULT '',
  configuration TEXT NOT NULL DEFAULT '',
  time_pattern TEXT NOT NULL DEFAULT '',
  -- An exchange of the meter: what the old one showed last and the new one first, micro-kWh on the dial.
  final_value INTEGER,
  first_value INTEGER,
  version_at INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  CHECK ((final_value IS NULL) = (first_value IS NULL))
) STRICT;
CREATE INDEX register_map_series ON register_map (series_id, from_at);
