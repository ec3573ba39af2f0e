-- Accounts and the database, once, on the primary (a replica gets them by replication). Replace @BOOKD_PASSWORD@ and
-- @REPLICATION_PASSWORD@ first, e.g. with sed, from files only root reads; then: mariadb < users.sql

CREATE DATABASE IF NOT EXISTS bookd CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- bookd brings its own schema up to date, hence the schema rights, on its database alone. It must not have SUPER or
-- READ ONLY ADMIN: with them it could write to a node that is read-only.
CREATE USER IF NOT EXISTS 'bookd'@'%' IDENTIFIED BY '@BOOKD_PASSWORD@';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON bookd.* TO 'bookd'@'%';

-- What a replica logs in with at its primary.
CREATE USER IF NOT EXISTS 'replication'@'%' IDENTIFIED BY '@REPLICATION_PASSWORD@';
GRANT REPLICATION SLAVE ON *.* TO 'replication'@'%';
