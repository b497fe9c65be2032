CREATE TABLE "books" (
  "id" integer PRIMARY KEY AUTOINCREMENT,
  "title" text NOT NULL
, "author_id" integer CONSTRAINT "fk_books_author" REFERENCES "authors" ("id"), "stars" integer NOT NULL DEFAULT 7 CONSTRAINT "chk_books_stars" CHECK (stars > 0), "isbn" text);
CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE "authors" (
  "id" integer PRIMARY KEY AUTOINCREMENT,
  "name" text NOT NULL
);
CREATE UNIQUE INDEX "uni_books_isbn" ON "books" ("isbn");
CREATE INDEX "idx_books_author_id" ON "books" ("author_id");
