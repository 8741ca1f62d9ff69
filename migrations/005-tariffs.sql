-- Price plans: one immutable document per version. A change is version n+1, never an edit.
CREATE TABLE plan_version (
  id INTEGER PRIMARY KEY,
  plan_code TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  -- Local days at the site, half-open; copies of what the document says, for looking up.
  effective_from TEXT NOT NULL,
  effective_to TEXT,
  document TEXT NOT NULL CHECK (json_valid(document)),
  sha256 TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (plan_code, version),
  CHECK (effective_to IS NULL OR effective_to > effective_from)
) STRICT;

CREATE TRIGGER plan_version_is_never_edited BEFORE UPDATE ON plan_version
BEGIN SELECT raise(ABORT, 'a plan version is never edited: add version n+1'); END;

CREATE TRIGGER plan_version_is_never_deleted BEFORE DELETE ON plan_version
BEGIN SELECT raise(ABORT, 'a plan version is never deleted: bills refer to it'); END;
