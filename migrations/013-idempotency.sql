-- What a POST with an Idempotency-Key was answered. Without a status it was begun and its end is not known (yet).
CREATE TABLE idempotency_key (
  owner TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  status INTEGER,
  content_type TEXT,
  location TEXT,
  body TEXT,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);
