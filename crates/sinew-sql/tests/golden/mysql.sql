-- select
SELECT `users`.`id`, `users`.`name` FROM `users`

-- nothing selected
SELECT 1 FROM `users`

-- no source
SELECT 1

-- qualified table
SELECT `main`.`users`.`id`, `main`.`users`.`name` FROM `main`.`users` WHERE `main`.`users`.`id` = ?
-- binds [Int(1)]

-- hostile names
SELECT `us"ers`.`a"b` AS `x"; DROP` FROM `us"ers`

-- aliased
SELECT `u`.`id`, `u`.`name` FROM `users` AS `u` WHERE `u`.`id` = `u`.`age`

-- distinct, group, having, order, limit, offset
SELECT DISTINCT `users`.`name`, COUNT(*) AS `n` FROM `users` GROUP BY `users`.`name` HAVING SUM(DISTINCT `users`.`age`) > ? AND TRUE ORDER BY `n` IS NULL DESC, `n` DESC, `users`.`name` LIMIT 20 OFFSET 40 FOR UPDATE
-- binds [Int(3)]

-- offset alone
SELECT `users`.`id`, `users`.`name` FROM `users` LIMIT 18446744073709551615 OFFSET 5 LOCK IN SHARE MODE

-- limits beyond what a database counts
SELECT `users`.`id`, `users`.`name` FROM `users` LIMIT 9223372036854775807 OFFSET 9223372036854775807

-- joins
SELECT `users`.`id`, `company`.`name` FROM `users` LEFT JOIN `companies` AS `company` ON `company`.`id` = `users`.`company_id` INNER JOIN `orders` ON `orders`.`user_id` = `users`.`id` LEFT JOIN items i ON i.order_id = orders.id AND i.id > ? WHERE EXISTS (SELECT 1 FROM `orders` AS `t1` WHERE `t1`.`user_id` = `users`.`id`)
-- binds [Int(9)]

-- sub-query as source
SELECT `u`.`id`, `u`.`name` FROM (SELECT `users`.`id`, `users`.`name` FROM `users`) AS `u` WHERE `u`.`name` = ?
-- binds [Text("Ada")]

-- all and none
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE TRUE OR FALSE

-- and in or in and
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`id` = ? AND (`users`.`age` < ? OR `users`.`id` = ? AND `users`.`age` < ?)
-- binds [Int(1), Int(2), Int(1), Int(2)]

-- one in and
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`id` = ? OR `users`.`age` < ?
-- binds [Int(1), Int(2)]

-- not
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE NOT (`users`.`id` = ? OR NOT (`users`.`age` < ?))
-- binds [Int(1), Int(2)]

-- null
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`age` IS NULL AND `users`.`age` IS NOT NULL AND `users`.`name` IS NULL AND `users`.`name` IS NOT NULL AND `users`.`age` IS NULL

-- arithmetic
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE (`users`.`age` + ?) * ? >= ? - (? - `users`.`id` % ?)
-- binds [Int(1), Int(2), Int(1), Int(2), Int(3)]

-- concat
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE CONCAT(CONCAT(`users`.`name`, ?), ?) = ?
-- binds [Text("x"), Text("y"), Text("z")]

-- comparison of conditions
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE (`users`.`id` = ?) = (`users`.`age` < ?)
-- binds [Int(1), Int(2)]

-- between
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`age` BETWEEN ? AND ? + ?
-- binds [Int(1), Int(2), Int(3)]

-- in
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`id` IN (?, ?)
-- binds [Int(1), Int(2)]

-- not in
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`id` NOT IN (?)
-- binds [Int(1)]

-- in nothing
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`id` IN (SELECT k0 FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 BIGINT PATH '$')) AS k)
-- binds [Array([])]

-- in one value
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`id` IN (?)
-- binds [Int(7)]

-- tuples
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE (`users`.`id`, `users`.`age`) NOT IN (SELECT k0, k1 FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 BIGINT PATH '$[0]', k1 BIGINT PATH '$[1]')) AS k)
-- binds [Tuples { width: 2, values: [Int(1), Int(2)] }]

-- no tuple
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE TRUE

-- in a query
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE (`users`.`id`, `users`.`name`) NOT IN (SELECT `t1`.`id`, `t1`.`name` FROM `users` AS `t1` WHERE `t1`.`id` = ?)
-- binds [Int(1)]

-- like
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`name` LIKE ? AND LOWER(`users`.`name`) LIKE LOWER(?)
-- binds [Text("A%"), Text("a%")]

-- exists, three deep on one table
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE EXISTS (SELECT 1 FROM `users` AS `t1` WHERE `t1`.`company_id` = `users`.`id` AND EXISTS (SELECT 1 FROM `users` AS `t2` WHERE `t2`.`company_id` = `t1`.`id` AND `t2`.`age` = `users`.`age` AND EXISTS (SELECT 1 FROM `companies` WHERE `companies`.`id` = `users`.`company_id`)))

-- a table called t1
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE EXISTS (SELECT 1 FROM `t1` WHERE EXISTS (SELECT 1 FROM `users` AS `t2` WHERE EXISTS (SELECT 1 FROM `T1` AS `t3` WHERE `t3`.`id` = `users`.`id`)))

-- scalar query
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE (SELECT COUNT(DISTINCT `orders`.`id`) FROM `orders` WHERE `orders`.`user_id` = `users`.`id`) >= ?
-- binds [Int(3)]

-- raw
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE (age > ? OR name = 'what?' -- really?
 OR name = ? /* ? */) AND (name <> '??' AND 1 = 1 -- the end
)
-- binds [Int(1), Text("x")]

-- raw alone
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE "age" = ? OR 'it''s ?' = ?
-- binds [Int(1), Int(2)]

-- param
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`id` = ?

-- list holds all
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE NOT (CASE WHEN `users`.`name` IS NOT NULL THEN NOT EXISTS (SELECT 1 FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 LONGTEXT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin *//*!80000 COLLATE utf8mb4_0900_bin */ PATH '$')) AS sinew_k LEFT JOIN JSON_TABLE(`users`.`name`, '$[*]' COLUMNS (e0 LONGTEXT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin *//*!80000 COLLATE utf8mb4_0900_bin */ PATH '$')) AS sinew_e ON e0 = k0 WHERE e0 IS NULL) END)
-- binds [List([Text("a")])]

-- list holds one
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE NOT (CASE WHEN `users`.`name` IS NOT NULL THEN EXISTS (SELECT 1 FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 LONGTEXT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin *//*!80000 COLLATE utf8mb4_0900_bin */ PATH '$')) AS sinew_k JOIN JSON_TABLE(`users`.`name`, '$[*]' COLUMNS (e0 LONGTEXT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin *//*!80000 COLLATE utf8mb4_0900_bin */ PATH '$')) AS sinew_e ON e0 = k0) END)
-- binds [List([Int(1)])]

-- list of floats
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE NOT (CASE WHEN `users`.`name` IS NOT NULL THEN NOT EXISTS (SELECT 1 FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 DOUBLE PATH '$')) AS sinew_k LEFT JOIN JSON_TABLE(`users`.`name`, '$[*]' COLUMNS (e0 DOUBLE PATH '$')) AS sinew_e ON e0 = k0 WHERE e0 IS NULL) END)
-- binds [List([Float(1.5)])]

-- list of NaN
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE NOT (CASE WHEN `users`.`name` IS NOT NULL THEN EXISTS (SELECT 1 FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 LONGTEXT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin *//*!80000 COLLATE utf8mb4_0900_bin */ PATH '$')) AS sinew_k JOIN JSON_TABLE(`users`.`name`, '$[*]' COLUMNS (e0 LONGTEXT CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin *//*!80000 COLLATE utf8mb4_0900_bin */ PATH '$')) AS sinew_e ON e0 = k0) END)
-- binds [List([Float(inf)])]

-- list length
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE JSON_LENGTH(`users`.`name`) >= ?
-- binds [Int(2)]

-- in lists
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`name` IN (?, ?)
-- binds [List([Int(1), Null]), List([Int(2), Null])]

-- not in lists
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`name` NOT IN (?)
-- binds [List([Int(1), Null])]

-- in no lists
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE FALSE

-- not in no lists
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE TRUE

-- each of groups
SELECT `g`.`c0` AS `id`, `g`.`c1` AS `user_id` FROM (SELECT `orders`.`id` AS `c0`, `orders`.`user_id` AS `c1`, `orders`.`amount` AS `o0`, ROW_NUMBER() OVER (PARTITION BY `orders`.`user_id` ORDER BY `orders`.`amount` DESC, `orders`.`id`) AS `rn` FROM `orders` WHERE `orders`.`user_id` IN (?, ?) AND (`orders`.`id` = ? OR `orders`.`id` = ?)) AS `g` WHERE `g`.`rn` <= 3 ORDER BY `g`.`o0` DESC, `g`.`c0`
-- binds [Int(1), Int(2), Int(1), Int(2)]

-- each of groups by two columns, skipping
SELECT `g`.`c0` AS `id`, `g`.`c1` AS `user_id` FROM (SELECT `orders`.`id` AS `c0`, `orders`.`user_id` AS `c1`, `orders`.`amount` AS `o0`, ROW_NUMBER() OVER (PARTITION BY `orders`.`user_id`, `orders`.`shop_id` ORDER BY `orders`.`amount` DESC, `orders`.`id`) AS `rn` FROM `orders` WHERE (`orders`.`user_id`, `orders`.`shop_id`) IN (SELECT k0, k1 FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 BIGINT PATH '$[0]', k1 BIGINT PATH '$[1]')) AS k) AND (`orders`.`id` = ? OR `orders`.`id` = ?)) AS `g` WHERE `g`.`rn` > 2 ORDER BY `g`.`o0` DESC, `g`.`c0`
-- binds [Tuples { width: 2, values: [Int(1), Int(2), Int(3), Int(4)] }, Int(1), Int(2)]

-- each of kept groups
SELECT `g`.`c0` AS `id`, `g`.`c1` AS `user_id` FROM (SELECT `orders`.`id` AS `c0`, `orders`.`user_id` AS `c1`, `orders`.`amount` AS `o0`, ROW_NUMBER() OVER (PARTITION BY `orders`.`user_id` ORDER BY `orders`.`amount` DESC, `orders`.`id`) AS `rn` FROM `orders` WHERE `orders`.`user_id` IN (NULL) AND (`orders`.`id` = ? OR `orders`.`id` = ?)) AS `g` WHERE `g`.`rn` <= 3 ORDER BY `g`.`o0` DESC, `g`.`c0`
-- binds [Int(1), Int(2)]

-- each of groups, ordered by an expression
SELECT `g`.`c0` AS `id`, `g`.`c1` AS `user_id` FROM (SELECT `orders`.`id` AS `c0`, `orders`.`user_id` AS `c1`, `orders`.`amount` * ? AS `o0`, ROW_NUMBER() OVER (PARTITION BY `orders`.`user_id` ORDER BY `orders`.`amount` * ?) AS `rn` FROM `orders` WHERE `orders`.`user_id` IN (?, ?) AND (`orders`.`id` = ? OR `orders`.`id` = ?)) AS `g` WHERE `g`.`rn` <= 3 ORDER BY `g`.`o0`
-- binds [Int(2), Int(2), Int(1), Int(2), Int(1), Int(2)]

-- groups without an index
SELECT `g`.`c0` AS `id`, `g`.`c1` AS `user_id` FROM (SELECT `orders`.`id` AS `c0`, `orders`.`user_id` AS `c1`, `orders`.`amount` AS `o0`, ROW_NUMBER() OVER (PARTITION BY `orders`.`user_id` ORDER BY `orders`.`amount` DESC, `orders`.`id`) AS `rn` FROM `orders` WHERE `orders`.`user_id` IN (?, ?) AND (`orders`.`id` = ? OR `orders`.`id` = ?)) AS `g` WHERE `g`.`rn` <= 3 ORDER BY `g`.`o0` DESC, `g`.`c0`
-- binds [Int(1), Int(2), Int(1), Int(2)]

-- groups of a table with a name of Sinew's
SELECT `g`.`c0` AS `id`, `g`.`c1` AS `user_id` FROM (SELECT `each_key`.`id` AS `c0`, `each_key`.`user_id` AS `c1`, `each_key`.`amount` AS `o0`, ROW_NUMBER() OVER (PARTITION BY `each_key`.`user_id` ORDER BY `each_key`.`amount` DESC, `each_key`.`id`) AS `rn` FROM `each_key` WHERE `each_key`.`user_id` IN (?, ?) AND (`each_key`.`id` = ? OR `each_key`.`id` = ?)) AS `g` WHERE `g`.`rn` <= 3 ORDER BY `g`.`o0` DESC, `g`.`c0`
-- binds [Int(1), Int(2), Int(1), Int(2)]

-- per group
SELECT `g`.`c0` AS `id`, `g`.`c1` AS `user_id`, `g`.`c2` AS `twice` FROM (SELECT `orders`.`id` AS `c0`, `orders`.`user_id` AS `c1`, `orders`.`amount` * ? AS `c2`, ROW_NUMBER() OVER (PARTITION BY `orders`.`user_id`) AS `rn` FROM `orders` WHERE `orders`.`amount` > ?) AS `g` WHERE `g`.`rn` <= 3
-- binds [Int(2), Int(1)]

-- per group, ordered
SELECT `g`.`c0` AS `id`, `g`.`c1` AS `user_id`, `g`.`c2` AS `twice` FROM (SELECT `orders`.`id` AS `c0`, `orders`.`user_id` AS `c1`, `orders`.`amount` * ? AS `c2`, `orders`.`amount` AS `o0`, ROW_NUMBER() OVER (PARTITION BY `orders`.`user_id` ORDER BY `orders`.`amount` DESC, `orders`.`id`) AS `rn` FROM `orders` WHERE `orders`.`amount` > ?) AS `g` WHERE `g`.`rn` > 2 AND `g`.`rn` <= 5 ORDER BY `g`.`o0` DESC, `g`.`c0` LIMIT 100
-- binds [Int(2), Int(1)]

-- per group, skipping
SELECT `g`.`c0` AS `id`, `g`.`c1` AS `user_id`, `g`.`c2` AS `twice` FROM (SELECT `orders`.`id` AS `c0`, `orders`.`user_id` AS `c1`, `orders`.`amount` * ? AS `c2`, ROW_NUMBER() OVER (ORDER BY `orders`.`id`) AS `rn` FROM `orders` WHERE `orders`.`amount` > ?) AS `g` WHERE `g`.`rn` > 1 ORDER BY `g`.`c0`
-- binds [Int(2), Int(1)]

-- insert
INSERT INTO `users` (`name`, `age`) VALUES (?, ?)

-- insert rows
INSERT INTO `users` (`name`, `age`) VALUES (?, ?), (?, ?), (?, ?)

-- insert defaults
INSERT INTO `users` () VALUES ()

-- insert that keeps its keys
INSERT INTO `users` (`name`, `age`) VALUES (?, ?)

-- insert with a key that is kept
INSERT INTO `users` (`name`, `age`) VALUES (?, ?)

-- insert or nothing
INSERT INTO `users` (`name`, `age`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `name` = `users`.`name`

-- insert or nothing on a key
INSERT INTO `users` (`name`, `age`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `id` = IF(`users`.`id` <=> VALUES(`id`), `users`.`id`, (SELECT 1 UNION ALL SELECT 2))

-- upsert
INSERT INTO `users` (`name`, `age`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `name` = IF(`users`.`id` <=> VALUES(`id`), VALUES(`name`), (SELECT 1 UNION ALL SELECT 2)), `age` = `users`.`age` + ?
-- binds [Int(1)]

-- upsert of nothing
INSERT INTO `users` (`name`, `age`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `id` = IF(`users`.`id` <=> VALUES(`id`), `users`.`id`, (SELECT 1 UNION ALL SELECT 2))

-- update
UPDATE `main`.`users` SET `age` = `main`.`users`.`age` + ?, `name` = ?, `company_id` = NULL WHERE `main`.`users`.`id` = ?
-- binds [Int(1), Null]

-- delete
DELETE FROM `users` WHERE (`users`.`id` = ? OR `users`.`id` = ?) AND EXISTS (SELECT 1 FROM `users` AS `t1` WHERE `t1`.`company_id` = `users`.`id`)
-- binds [Int(1), Int(2)]

-- delete everything
DELETE FROM `users`

-- raw statement
SELECT ?, ? FROM users -- all

-- binds [Int(1)]

