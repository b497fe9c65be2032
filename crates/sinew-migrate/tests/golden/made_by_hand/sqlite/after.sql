CREATE TABLE [Authors] ( -- people
            ID INTEGER NOT NULL PRIMARY KEY, /* the key, with a comma */
            `NAME` NVARCHAR(200) NOT NULL
         );
CREATE VIEW shelves AS SELECT 1 AS id;
CREATE TABLE "BOOKS" (
  "Id" integer primary key,
  'Title' character varying(20) not null on conflict abort,
  Author_Id INT REFERENCES authors on delete set null deferrable initially deferred,
  stars SMALLINT DEFAULT (5) NOT NULL CHECK ((stars>0)) CONSTRAINT s CHECK (stars < 10),
  price NUMERIC(10, 2) NULL,
  slug TEXT AS (lower(title)) STORED,
  isbn TEXT,
  seen TEXT DEFAULT 'a -- b, c',
  "added" text NOT NULL,
  UNIQUE (ISBN),
  CONSTRAINT pair UNIQUE (title, isbn)
);
CREATE INDEX books_by_author ON books(author_id DESC);
