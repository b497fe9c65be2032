-- select
SELECT "users"."id", "users"."name" FROM "users"

-- nothing selected
SELECT 1 FROM "users"

-- no source
SELECT 1

-- qualified table
SELECT "main"."users"."id", "main"."users"."name" FROM "main"."users" WHERE "main"."users"."id" = $1
-- binds [Int(1)]

-- hostile names
SELECT "us""ers"."a""b" AS "x""; DROP" FROM "us""ers"

-- aliased
SELECT "u"."id", "u"."name" FROM "users" AS "u" WHERE "u"."id" = "u"."age"

-- distinct, group, having, order, limit, offset
SELECT DISTINCT "users"."name", COUNT(*) AS "n" FROM "users" GROUP BY "users"."name" HAVING SUM(DISTINCT "users"."age") > $1 AND TRUE ORDER BY "n" DESC, "users"."name" NULLS FIRST LIMIT 20 OFFSET 40 FOR UPDATE
-- binds [Int(3)]

-- offset alone
SELECT "users"."id", "users"."name" FROM "users" OFFSET 5 FOR SHARE

-- limits beyond what a database counts
SELECT "users"."id", "users"."name" FROM "users" LIMIT 9223372036854775807 OFFSET 9223372036854775807

-- joins
SELECT "users"."id", "company"."name" FROM "users" LEFT JOIN "companies" AS "company" ON "company"."id" = "users"."company_id" INNER JOIN "orders" ON "orders"."user_id" = "users"."id" LEFT JOIN items i ON i.order_id = orders.id AND i.id > $1 WHERE EXISTS (SELECT 1 FROM "orders" AS "t1" WHERE "t1"."user_id" = "users"."id")
-- binds [Int(9)]

-- sub-query as source
SELECT "u"."id", "u"."name" FROM (SELECT "users"."id", "users"."name" FROM "users") AS "u" WHERE "u"."name" = $1
-- binds [Text("Ada")]

-- all and none
SELECT "users"."id", "users"."name" FROM "users" WHERE TRUE OR FALSE

-- and in or in and
SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."id" = $1 AND ("users"."age" < $2 OR "users"."id" = $3 AND "users"."age" < $4)
-- binds [Int(1), Int(2), Int(1), Int(2)]

-- one in and
SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."id" = $1 OR "users"."age" < $2
-- binds [Int(1), Int(2)]

-- not
SELECT "users"."id", "users"."name" FROM "users" WHERE NOT ("users"."id" = $1 OR NOT ("users"."age" < $2))
-- binds [Int(1), Int(2)]

-- null
SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."age" IS NULL AND "users"."age" IS NOT NULL AND "users"."name" IS NULL AND "users"."name" IS NOT NULL AND "users"."age" IS NULL

-- arithmetic
SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."age" + $1) * $2 >= $3 - ($4 - "users"."id" % $5)
-- binds [Int(1), Int(2), Int(1), Int(2), Int(3)]

-- concat
SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."name" || $1) || $2 = $3
-- binds [Text("x"), Text("y"), Text("z")]

-- comparison of conditions
SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."id" = $1) = ("users"."age" < $2)
-- binds [Int(1), Int(2)]

-- between
SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."age" BETWEEN $1 AND $2 + $3
-- binds [Int(1), Int(2), Int(3)]

-- in
SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."id" = ANY($1)
-- binds [Array([Int(1), Int(2)])]

-- not in
SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."id" <> ALL($1)
-- binds [Array([Int(1)])]

-- in nothing
SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."id" = ANY($1)
-- binds [Array([])]

-- in one value
SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."id" IN ($1)
-- binds [Int(7)]

-- tuples
SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."id", "users"."age") NOT IN (SELECT * FROM unnest($1::bigint[], $2::bigint[]))
-- binds [Array([Int(1)]), Array([Int(2)])]

-- no tuple
SELECT "users"."id", "users"."name" FROM "users" WHERE TRUE

-- in a query
SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."id", "users"."name") NOT IN (SELECT "t1"."id", "t1"."name" FROM "users" AS "t1" WHERE "t1"."id" = $1)
-- binds [Int(1)]

-- like
SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."name" LIKE $1 AND "users"."name" ILIKE $2
-- binds [Text("A%"), Text("a%")]

-- exists, three deep on one table
SELECT "users"."id", "users"."name" FROM "users" WHERE EXISTS (SELECT 1 FROM "users" AS "t1" WHERE "t1"."company_id" = "users"."id" AND EXISTS (SELECT 1 FROM "users" AS "t2" WHERE "t2"."company_id" = "t1"."id" AND "t2"."age" = "users"."age" AND EXISTS (SELECT 1 FROM "companies" WHERE "companies"."id" = "users"."company_id")))

-- a table called t1
SELECT "users"."id", "users"."name" FROM "users" WHERE EXISTS (SELECT 1 FROM "t1" WHERE EXISTS (SELECT 1 FROM "users" AS "t2" WHERE EXISTS (SELECT 1 FROM "T1" AS "t3" WHERE "t3"."id" = "users"."id")))

-- scalar query
SELECT "users"."id", "users"."name" FROM "users" WHERE (SELECT COUNT(DISTINCT "orders"."id") FROM "orders" WHERE "orders"."user_id" = "users"."id") >= $1
-- binds [Int(3)]

-- raw
SELECT "users"."id", "users"."name" FROM "users" WHERE (age > $1 OR name = 'what?' -- really?
 OR name = $2 /* ? */) AND (name <> '??' AND 1 = 1 -- the end
)
-- binds [Int(1), Text("x")]

-- raw alone
SELECT "users"."id", "users"."name" FROM "users" WHERE "age" = $1 OR 'it''s ?' = $2
-- binds [Int(1), Int(2)]

-- param
SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."id" = $1

-- per group
SELECT "g"."c0" AS "id", "g"."c1" AS "user_id", "g"."c2" AS "twice" FROM (SELECT "orders"."id" AS "c0", "orders"."user_id" AS "c1", "orders"."amount" * $1 AS "c2", ROW_NUMBER() OVER (PARTITION BY "orders"."user_id") AS "rn" FROM "orders" WHERE "orders"."amount" > $2) AS "g" WHERE "g"."rn" <= 3
-- binds [Int(2), Int(1)]

-- per group, ordered
SELECT "g"."c0" AS "id", "g"."c1" AS "user_id", "g"."c2" AS "twice" FROM (SELECT "orders"."id" AS "c0", "orders"."user_id" AS "c1", "orders"."amount" * $1 AS "c2", "orders"."amount" AS "o0", ROW_NUMBER() OVER (PARTITION BY "orders"."user_id" ORDER BY "orders"."amount" DESC NULLS LAST, "orders"."id") AS "rn" FROM "orders" WHERE "orders"."amount" > $2) AS "g" WHERE "g"."rn" > 2 AND "g"."rn" <= 5 ORDER BY "g"."o0" DESC NULLS LAST, "g"."c0" LIMIT 100
-- binds [Int(2), Int(1)]

-- per group, skipping
SELECT "g"."c0" AS "id", "g"."c1" AS "user_id", "g"."c2" AS "twice" FROM (SELECT "orders"."id" AS "c0", "orders"."user_id" AS "c1", "orders"."amount" * $1 AS "c2", ROW_NUMBER() OVER (ORDER BY "orders"."id") AS "rn" FROM "orders" WHERE "orders"."amount" > $2) AS "g" WHERE "g"."rn" > 1 ORDER BY "g"."c0"
-- binds [Int(2), Int(1)]

-- insert
INSERT INTO "users" ("name", "age") VALUES ($1, $2)

-- insert rows
INSERT INTO "users" ("name", "age") VALUES ($1, $2), ($3, $4), ($5, $6) RETURNING "id"

-- insert defaults
INSERT INTO "users" DEFAULT VALUES

-- insert that keeps its keys
WITH "made" AS (INSERT INTO "users" ("name", "age") VALUES ($1, $2) RETURNING "id"), "kept" AS MATERIALIZED (SELECT set_config('sinew.n2', CASE WHEN count(*) = 1 THEN array_agg("id")::text ELSE 'incomplete' END, true) FROM "made") SELECT "made".* FROM "kept" LEFT JOIN "made" ON TRUE

-- insert with a key that is kept
INSERT INTO "users" ("name", "age") VALUES ($1, CASE WHEN $2::int8 BETWEEN 90 AND 99 THEN ((SELECT current_setting('sinew.n2')::int8[]))[(99 - $2::int8 + 1)::int4] ELSE $2::int8 END)

-- insert or nothing
INSERT INTO "users" ("name", "age") VALUES ($1, $2) ON CONFLICT DO NOTHING

-- insert or nothing on a key
INSERT INTO "users" ("name", "age") VALUES ($1, $2) ON CONFLICT ("id") DO NOTHING

-- upsert
INSERT INTO "users" ("name", "age") VALUES ($1, $2) ON CONFLICT ("id") DO UPDATE SET "name" = excluded."name", "age" = "users"."age" + $3
-- binds [Int(1)]

-- upsert of nothing
INSERT INTO "users" ("name", "age") VALUES ($1, $2) ON CONFLICT ("id") DO NOTHING

-- update
UPDATE "main"."users" SET "age" = "main"."users"."age" + $1, "name" = $2, "company_id" = NULL WHERE "main"."users"."id" = $3 RETURNING "id"
-- binds [Int(1), Null]

-- delete
DELETE FROM "users" WHERE ("users"."id" = $1 OR "users"."id" = $2) AND EXISTS (SELECT 1 FROM "users" AS "t1" WHERE "t1"."company_id" = "users"."id")
-- binds [Int(1), Int(2)]

-- delete everything
DELETE FROM "users"

-- raw statement
SELECT ?, $1 FROM users -- all

-- binds [Int(1)]

