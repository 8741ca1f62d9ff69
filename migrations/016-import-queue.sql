-- What a run is doing, so that a restart takes up again what was waiting or running. A dry run has no row: it changes nothing.
ALTER TABLE import_run ADD COLUMN state TEXT NOT NULL DEFAULT 'finished'
  CHECK (state IN ('waiting', 'running', 'finished', 'failed', 'cancelled', 'interrupted'));
UPDATE import_run SET state = 'interrupted' WHERE finished_at IS NULL;
ALTER TABLE import_run ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
-- How columns are read and which meter point is meant, for files that do not say so themselves; '' when they do.
ALTER TABLE import_run ADD COLUMN profile TEXT NOT NULL DEFAULT '';
ALTER TABLE import_run ADD COLUMN meter_point TEXT NOT NULL DEFAULT '';
-- When the work began last; started_at is when the file was handed in.
ALTER TABLE import_run ADD COLUMN begun_at INTEGER;
-- How often the process ended in the middle of it and it was taken up again.
ALTER TABLE import_run ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0;
-- Why it could not be carried out: the code and the sentence of a refusal.
ALTER TABLE import_run ADD COLUMN failure TEXT CHECK (failure IS NULL OR json_valid(failure));
CREATE INDEX import_run_open ON import_run (id) WHERE state IN ('waiting', 'running', 'interrupted');

-- Problems page by page: a file may have as many as it has lines.
CREATE TABLE import_problem (
  run_id INTEGER NOT NULL REFERENCES import_run (id),
  position INTEGER NOT NULL,
  member TEXT NOT NULL,
  line INTEGER NOT NULL,
  column_number INTEGER NOT NULL,
  field TEXT NOT NULL,
  raw TEXT NOT NULL,
  rule TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
  action TEXT NOT NULL CHECK (action IN ('rejected', 'repaired', 'ignored')),
  message TEXT NOT NULL,
  PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO import_problem
SELECT import_run.id, found.key, found.value ->> 'member', found.value ->> 'line', found.value ->> 'column',
  found.value ->> 'field', found.value ->> 'raw', found.value ->> 'rule', found.value ->> 'severity',
  found.value ->> 'action', found.value ->> 'message'
FROM import_run, json_each(import_run.report, '$.problems') AS found;
UPDATE import_run SET report = json_remove(report, '$.problems') WHERE report IS NOT NULL;
