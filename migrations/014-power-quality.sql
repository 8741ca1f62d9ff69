-- What a meter said beside its reading (voltage, frequency, battery …), as the flat JSON object it is given back as.
CREATE TABLE reading_note (
  id INTEGER PRIMARY KEY,
  meter_point_id INTEGER NOT NULL REFERENCES meter_point (id),
  kind TEXT NOT NULL CHECK (kind IN ('register', 'channel')),
  at INTEGER NOT NULL,
  note TEXT NOT NULL,
  UNIQUE (meter_point_id, kind, at)
) STRICT;
