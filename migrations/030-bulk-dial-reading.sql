-- What triggers did for each row by itself is done for many rows in one statement: a row with triggers is a statement that can be taken
-- back, for which SQLite copies each page it touches, and a hundred thousand new meters took 6 s of that. The stores mark days of
-- registers in dial_due (readings/dial-due-store.ts), count meters (accounts/meter-point-store.ts) and take new meters into meter_search
-- (imports/dial-reading-store.ts); a meter after the last one in it is looked for by itself.
DROP TRIGGER reading_day_put;
DROP TRIGGER reading_day_changed;
DROP TRIGGER reading_day_gone;
DROP TRIGGER meter_counted;
DROP TRIGGER meter_searchable;
-- The meters of a meter point are few: their readings are found through them.
DROP INDEX dial_reading_meter_point;

-- What grows with a report's file, the meter points it named first and the totals of each channel: JSON, packed with zstd. NULL for a
-- report from before, which has them inside.
ALTER TABLE import_run ADD COLUMN detail BLOB;
