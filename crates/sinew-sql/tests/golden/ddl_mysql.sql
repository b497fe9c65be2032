CREATE TABLE `all` (
  `id` bigint AUTO_INCREMENT NOT NULL,
  `bool` boolean NOT NULL DEFAULT TRUE,
  `i8` tinyint NOT NULL,
  `i16` smallint NOT NULL,
  `i32` int NOT NULL,
  `i64` bigint NOT NULL,
  `u8` tinyint unsigned NOT NULL,
  `u16` smallint unsigned NOT NULL,
  `u32` int unsigned NOT NULL,
  `u64` bigint unsigned NOT NULL,
  `f32` float NOT NULL,
  `f64` double NOT NULL,
  `text` longtext,
  `short` varchar(100) NOT NULL DEFAULT 'it''s',
  `bytes` longblob NOT NULL,
  `timestamp` datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `date` date NOT NULL,
  `time` time(6) NOT NULL,
  `datetime` datetime(6) NOT NULL,
  `uuid` binary(16) NOT NULL,
  `price` decimal(10,2) NOT NULL,
  `decimal` decimal(65,30) NOT NULL,
  `json` json NOT NULL,
  `state` varchar(255) NOT NULL COMMENT 'it''s \\ a state',
  `exact` numeric(5) NOT NULL,
  `computed` int NOT NULL DEFAULT (1 + 1),
  `numbers` longtext NOT NULL,
  `words` longtext,
  `prices` longtext NOT NULL,
  `states` longtext NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `uni_a` UNIQUE (`a`, `b"```),
  CONSTRAINT `fk_users_orders` FOREIGN KEY (`user_id`, `site`) REFERENCES `app`.`users` (`id`, `site`) ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT `chk_a` CHECK (a > 0)
) /*M!100600 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin *//*!80000 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin */;

CREATE TABLE `all` (
  PRIMARY KEY (`id`),
  CONSTRAINT `uni_a` UNIQUE (`a`, `b"```),
  CONSTRAINT `chk_a` CHECK (a > 0)
) /*M!100600 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin *//*!80000 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin */;

CREATE UNIQUE INDEX `idx_a` ON `app`.`t` (`a`, `b`);

DROP INDEX `idx_a` ON `app`.`t`;

ALTER TABLE `t` ADD COLUMN `short` varchar(100) NOT NULL DEFAULT 'it''s' CONSTRAINT `chk_a` CHECK (a > 0) CONSTRAINT `fk_users_orders` REFERENCES `app`.`users` (`id`, `site`) ON UPDATE CASCADE ON DELETE SET NULL;

ALTER TABLE `t` ADD CONSTRAINT `fk_users_orders` FOREIGN KEY (`user_id`, `site`) REFERENCES `app`.`users` (`id`, `site`) ON UPDATE CASCADE ON DELETE SET NULL;

ALTER TABLE `t` DROP FOREIGN KEY `fk_a`;

ALTER TABLE `t` ADD CONSTRAINT `uni_a` UNIQUE (`a`, `b"```);

ALTER TABLE `t` ADD CONSTRAINT `chk_a` CHECK (a > 0);

ALTER TABLE `t` DROP CONSTRAINT `chk_a`;

ALTER TABLE `app`.`t` RENAME TO `u`;

DROP TABLE `app`.`t`;

ALTER TABLE `app`.`t` COMMENT = 'it''s a \\';

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
-- rows get '' in bytes
-- rows get utc_timestamp(6) in timestamp
-- rows get current_date() in date
-- rows get '00:00:00' in time
-- rows get now(6) in datetime
-- rows get x'00000000000000000000000000000000' in uuid
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
