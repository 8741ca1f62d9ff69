-- Lists of dial values by the type and the register of their meters, in the order of time without sorting.
ALTER TABLE dial_reading ADD COLUMN reading_type TEXT NOT NULL DEFAULT '';
UPDATE dial_reading SET reading_type = (SELECT reading_type FROM meter WHERE meter.id = meter_id);
CREATE INDEX dial_reading_type ON dial_reading (reading_type, at);
DROP INDEX dial_reading_register;
CREATE INDEX dial_reading_register ON dial_reading (register, at, quality);

-- Any three characters or more of a meter point's identifier or a meter's serial; neither ever changes.
CREATE VIRTUAL TABLE meter_search USING fts5 (words, content = '', tokenize = 'trigram');
INSERT INTO meter_search (rowid, words)
SELECT meter.id, identifier || ' ' || serial FROM meter JOIN meter_point ON meter_point.id = meter_point_id;
CREATE TRIGGER meter_searchable AFTER INSERT ON meter BEGIN
  INSERT INTO meter_search (rowid, words)
  SELECT new.id, identifier || ' ' || new.serial FROM meter_point WHERE id = new.meter_point_id;
END;
