-- Told by nobody but worked out of a file's readings: another file's may follow it from a later day on. What was there before counts as told.
ALTER TABLE register_map ADD COLUMN is_derived INTEGER NOT NULL DEFAULT 0;
