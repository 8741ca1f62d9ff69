-- Searches of lists that a user keeps under a name, for the page at `path`.
CREATE TABLE saved_search (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES user (id),
  path TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  UNIQUE (user_id, path, name)
) STRICT;
