-- When what a meter said beside its energy came; 0 is what came before this was noted and counts as known always.
ALTER TABLE reading_note ADD COLUMN received_at INTEGER NOT NULL DEFAULT 0;
