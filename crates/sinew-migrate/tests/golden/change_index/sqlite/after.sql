CREATE TABLE "books" (
  "id" integer PRIMARY KEY AUTOINCREMENT,
  "title" text NOT NULL,
  "isbn" text
);
CREATE TABLE sqlite_sequence(name,seq);
CREATE UNIQUE INDEX "idx_books" ON "books" ("title", "isbn") WHERE isbn IS NOT NULL;
