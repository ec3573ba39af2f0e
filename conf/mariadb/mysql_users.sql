-- Accounts and the database for MySQL, as users.sql for MariaDB: on each node, before one follows the other. A node starts
-- closed; it is opened for this and closed again. Replace @BOOKD_PASSWORD@ and @REPLICATION_PASSWORD@ first.
SET GLOBAL super_read_only = OFF;
SET SESSION sql_log_bin = 0;

CREATE DATABASE IF NOT EXISTS bookd CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- bookd brings its own schema up to date. Without CONNECTION_ADMIN or SUPER it cannot write to a node that is read-only.
CREATE USER IF NOT EXISTS 'bookd'@'%' IDENTIFIED BY '@BOOKD_PASSWORD@' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON bookd.* TO 'bookd'@'%';

-- What a replica logs in with at its primary.
CREATE USER IF NOT EXISTS 'replication'@'%' IDENTIFIED BY '@REPLICATION_PASSWORD@' REQUIRE SSL;
GRANT REPLICATION SLAVE ON *.* TO 'replication'@'%';

SET SESSION sql_log_bin = 1;
SET GLOBAL super_read_only = ON;
