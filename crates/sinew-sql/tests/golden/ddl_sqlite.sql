CREATE TABLE "all" (
  "id" integer PRIMARY KEY AUTOINCREMENT,
  "bool" boolean NOT NULL DEFAULT TRUE,
  "i8" integer NOT NULL,
  "i16" integer NOT NULL,
  "i32" integer NOT NULL,
  "i64" integer NOT NULL,
  "u8" integer NOT NULL,
  "u16" integer NOT NULL,
  "u32" integer NOT NULL,
  "u64" bigint unsigned NOT NULL,
  "f32" real NOT NULL,
  "f64" real NOT NULL,
  "text" text,
  "short" varchar(100) NOT NULL DEFAULT 'it''s',
  "bytes" blob NOT NULL,
  "timestamp" datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "date" date NOT NULL,
  "time" time NOT NULL,
  "datetime" datetime NOT NULL,
  "uuid" blob NOT NULL,
  "price" decimal(10,2) NOT NULL,
  "decimal" decimal NOT NULL,
  "json" text NOT NULL,
  "state" text NOT NULL,
  "exact" numeric(5) NOT NULL,
  "computed" integer NOT NULL DEFAULT (1 + 1),
  "numbers" text NOT NULL,
  "words" text,
  "prices" text NOT NULL,
  "states" text NOT NULL,
  CONSTRAINT "uni_a" UNIQUE ("a", "b""`"),
  CONSTRAINT "fk_users_orders" FOREIGN KEY ("user_id", "site") REFERENCES "users" ("id", "site") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "chk_a" CHECK (a > 0)
);

CREATE TABLE "all" (
  PRIMARY KEY ("id"),
  CONSTRAINT "uni_a" UNIQUE ("a", "b""`"),
  CONSTRAINT "chk_a" CHECK (a > 0)
);

CREATE UNIQUE INDEX "app"."idx_a" ON "t" ("a", "b") WHERE a IS NOT NULL;

DROP INDEX "app"."idx_a";

ALTER TABLE "t" ADD COLUMN "short" varchar(100) NOT NULL DEFAULT 'it''s' CONSTRAINT "chk_a" CHECK (a > 0) CONSTRAINT "fk_users_orders" REFERENCES "users" ("id", "site") ON UPDATE CASCADE ON DELETE SET NULL;

ALTER TABLE "t" ADD CONSTRAINT "fk_users_orders" FOREIGN KEY ("user_id", "site") REFERENCES "users" ("id", "site") ON UPDATE CASCADE ON DELETE SET NULL;

ALTER TABLE "t" DROP CONSTRAINT "fk_a";

ALTER TABLE "t" ADD CONSTRAINT "uni_a" UNIQUE ("a", "b""`");

ALTER TABLE "t" ADD CONSTRAINT "chk_a" CHECK (a > 0);

ALTER TABLE "t" DROP CONSTRAINT "chk_a";

ALTER TABLE "app"."t" RENAME TO "u";

DROP TABLE "app"."t";

;

;

-- rows get 0 in id
-- rows get 0 in bool
-- rows get 0 in i8
-- rows get 0 in i16
-- rows get 0 in i32
-- rows get 0 in i64
-- rows get 0 in u8
-- rows get 0 in u16
-- rows get 0 in u32
-- rows get 0 in u64
-- rows get 0 in f32
-- rows get 0 in f64
-- rows get '' in text
-- rows get '' in short
-- rows get x'' in bytes
-- rows get strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') in timestamp
-- rows get date('now') in date
-- rows get '00:00:00.000000' in time
-- rows get strftime('%Y-%m-%dT%H:%M:%f000', 'now') in datetime
-- rows get zeroblob(16) in uuid
-- rows get 0 in price
-- rows get 0 in decimal
-- rows get 'null' in json
-- rows get 'new' in state
-- rows get 0 in exact
-- rows get 0 in computed
-- rows get '[]' in numbers
-- rows get '[]' in words
-- rows get '[]' in prices
-- rows get '[]' in states
