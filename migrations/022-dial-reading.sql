-- What meters showed by the files that said so: a row for each current dial value that a file brought for a meter with a serial, so that
-- they can be listed by date, meter and file. Made from the reading blocks, in which the readings themselves are; half-hourly values that
-- meters post themselves have no row.
CREATE TABLE dial_reading (
  id INTEGER PRIMARY KEY,
  series_id INTEGER NOT NULL,
  meter_id INTEGER NOT NULL REFERENCES meter (id),
  meter_point_id INTEGER NOT NULL REFERENCES meter_point (id),
  run_id INTEGER NOT NULL REFERENCES import_run (id),
  line INTEGER NOT NULL,
  register TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- Millionths of the register's unit.
  value INTEGER NOT NULL,
  quality TEXT NOT NULL,
  -- When its file was handed in.
  received_at INTEGER NOT NULL,
  UNIQUE (series_id, at)
) STRICT;
CREATE INDEX dial_reading_at ON dial_reading (at);
CREATE INDEX dial_reading_meter ON dial_reading (meter_id, at);
CREATE INDEX dial_reading_meter_point ON dial_reading (meter_point_id, at);
CREATE INDEX dial_reading_run ON dial_reading (run_id, at);
CREATE INDEX dial_reading_register ON dial_reading (register, quality, at);
CREATE INDEX dial_reading_quality ON dial_reading (quality, at);
CREATE INDEX dial_reading_value ON dial_reading (value);
CREATE INDEX dial_reading_received ON dial_reading (received_at);

-- Days of registers whose rows are to be made again.
CREATE TABLE dial_due (
  series_id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  PRIMARY KEY (series_id, day)
) STRICT, WITHOUT ROWID;
-- In the transaction that changes a block, be it a flush, its undoing or a packing, so that no day can be missed.
CREATE TRIGGER reading_day_put AFTER INSERT ON reading_day
WHEN (SELECT 1 FROM series WHERE id = new.id / 131072 AND kind = 'register' AND meter_id IS NOT NULL)
BEGIN INSERT INTO dial_due VALUES (new.id / 131072, new.id % 131072) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER reading_day_changed AFTER UPDATE ON reading_day
WHEN (SELECT 1 FROM series WHERE id = new.id / 131072 AND kind = 'register' AND meter_id IS NOT NULL)
BEGIN INSERT INTO dial_due VALUES (new.id / 131072, new.id % 131072) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER reading_day_gone AFTER DELETE ON reading_day
WHEN (SELECT 1 FROM series WHERE id = old.id / 131072 AND kind = 'register' AND meter_id IS NOT NULL)
BEGIN INSERT INTO dial_due VALUES (old.id / 131072, old.id % 131072) ON CONFLICT DO NOTHING; END;

-- What the file that named the meter first said of its readings: J0171 in British flows.
ALTER TABLE meter ADD COLUMN reading_type TEXT NOT NULL DEFAULT '';
ALTER TABLE meter ADD COLUMN reading_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meter_point ADD COLUMN meter_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meter_point ADD COLUMN reading_count INTEGER NOT NULL DEFAULT 0;
UPDATE meter_point SET meter_count = (SELECT count(*) FROM meter WHERE meter_point_id = meter_point.id);
CREATE INDEX meter_serial ON meter (serial);
CREATE INDEX meter_reading_type ON meter (reading_type, serial);
CREATE INDEX meter_reading_count ON meter (reading_count);
CREATE INDEX meter_created ON meter (created_at);
CREATE INDEX meter_point_meter_count ON meter_point (meter_count);
CREATE INDEX meter_point_reading_count ON meter_point (reading_count);
CREATE INDEX meter_point_created ON meter_point (created_at);
CREATE TRIGGER meter_counted AFTER INSERT ON meter
BEGIN UPDATE meter_point SET meter_count = meter_count + 1 WHERE id = new.meter_point_id; END;
CREATE TRIGGER dial_reading_counted AFTER INSERT ON dial_reading BEGIN
  UPDATE meter SET reading_count = reading_count + 1 WHERE id = new.meter_id;
  UPDATE meter_point SET reading_count = reading_count + 1 WHERE id = new.meter_point_id;
END;
CREATE TRIGGER dial_reading_uncounted AFTER DELETE ON dial_reading BEGIN
  UPDATE meter SET reading_count = reading_count - 1 WHERE id = old.meter_id;
  UPDATE meter_point SET reading_count = reading_count - 1 WHERE id = old.meter_point_id;
END;

-- What was stored before this table was there.
INSERT INTO dial_due
SELECT reading_day.id / 131072, reading_day.id % 131072 FROM reading_day
JOIN series ON series.id = reading_day.id / 131072 AND series.kind = 'register' AND series.meter_id IS NOT NULL;
-- reading_month.id = month × 2^32 + series; months are counted from January 1970, days of the month from bit 0.
INSERT INTO dial_due
WITH RECURSIVE bit (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM bit WHERE place < 30)
SELECT series.id,
  CAST(unixepoch('1970-01-01', '+' || (reading_month.id >> 32) || ' months') / 86400 AS INTEGER) + bit.place
FROM reading_month JOIN series ON series.id = (reading_month.id & 4294967295) AND series.kind = 'register' AND series.meter_id IS NOT NULL
JOIN bit ON reading_month.days & (1 << bit.place)
WHERE true ON CONFLICT DO NOTHING;
