CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE "books" (
  "id" integer PRIMARY KEY AUTOINCREMENT,
  "title" text NOT NULL,
  "pages" integer NOT NULL DEFAULT 1,
  CONSTRAINT "chk_books_pages" CHECK (pages > 0)
);
