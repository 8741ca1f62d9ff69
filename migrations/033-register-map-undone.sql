-- When the import that told it was taken back: it stands for what was told, and holds no more.
ALTER TABLE register_map ADD COLUMN undone_at INTEGER;
