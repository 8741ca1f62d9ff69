-- A flush writes blocks in several short transactions, so that readings are taken in meanwhile. Each puts the block that stood there
-- before (NULL: none) here first; as long as the journal's position is the one of `sequence`, the flush does not count and these are
-- put back when the database is opened.
CREATE TABLE reading_undo (
  id INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  count INTEGER,
  block BLOB
) STRICT;

-- The last version that counts: a flush that a crash ended leaves later ones, which the journal still has.
ALTER TABLE journal_position ADD COLUMN version_id INTEGER NOT NULL DEFAULT 0;
UPDATE journal_position SET version_id = (SELECT ifnull(max(id), 0) FROM reading_version);
