CREATE TABLE "authors" (
  "id" integer PRIMARY KEY AUTOINCREMENT,
  "name" text NOT NULL
);
CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE log (id);
CREATE TRIGGER other AFTER INSERT ON authors BEGIN UPDATE books SET note = 'new'; END;
CREATE VIEW titles AS SELECT title FROM books;
CREATE TABLE "books" (
  "id" integer PRIMARY KEY AUTOINCREMENT,
  "title" text NOT NULL,
  "author_id" integer,
  note TEXT COLLATE NOCASE DEFAULT 'theirs',
  "stars" integer NOT NULL,
  "read_at" datetime NOT NULL,
  "state" text NOT NULL DEFAULT (lower('NEW')),
  CONSTRAINT "fk_books_author" FOREIGN KEY ("author_id") REFERENCES "authors" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_books_author_id" ON "books" ("author_id");
CREATE INDEX theirs ON books (lower(title)) WHERE note IS NOT NULL;
CREATE TRIGGER watch AFTER DELETE ON books BEGIN INSERT INTO log VALUES (old.id); END;
