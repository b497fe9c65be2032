CREATE TABLE "books" (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  "yes" INTEGER,
  "at" TEXT,
  "price" TEXT,
  "size" REAL NOT NULL
) STRICT;
CREATE TABLE "order" (
  "group" TEXT,
  "select" INT,
  "from" TEXT NOT NULL,
  PRIMARY KEY ("group", "select")
) WITHOUT ROWID, STRICT;
CREATE TABLE "loose" (
  title TEXT NOT NULL,
  "n" integer NOT NULL
);
