-- Accounts and the database. Run it on each node before `dbctl bootstrap`: SET sql_log_bin keeps it out of the log, so
-- that both nodes begin empty. Replace @BOOKD_PASSWORD@, @REPLICATION_PASSWORD@ and @DBCTL_PASSWORD@ first, e.g. with
-- sed, from files only root reads; then: mariadb < users.sql
--
-- As it stands, whoever has the password is let in. For accounts of one machine and its certificate run it once for each
-- machine, with its address for '%' and in place of NONE: SUBJECT '/O=Mainstay/CN=app1' AND ISSUER '/O=Mainstay/CN=…'
SET SESSION sql_log_bin = 0;

CREATE DATABASE IF NOT EXISTS bookd CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- bookd brings its own schema up to date, hence the schema rights, on its database alone. It must not have SUPER or
-- READ ONLY ADMIN: with them it could write to a node that is read-only. In mainstay it reads who is written to.
CREATE USER IF NOT EXISTS 'bookd'@'%' IDENTIFIED BY '@BOOKD_PASSWORD@' REQUIRE NONE;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON bookd.* TO 'bookd'@'%';
GRANT SELECT ON mainstay.* TO 'bookd'@'%';

-- What a replica logs in with at its primary.
CREATE USER IF NOT EXISTS 'replication'@'%' IDENTIFIED BY '@REPLICATION_PASSWORD@' REQUIRE NONE;
GRANT REPLICATION SLAVE ON *.* TO 'replication'@'%';

-- dbctl opens and closes nodes (READ ONLY ADMIN), turns replication around, reads its state and logs, sees what threads
-- wait for (PROCESS), holds writes for the snapshots of `verify` (RELOAD), and reads every row to compare them. It writes
-- in mainstay alone.
CREATE USER IF NOT EXISTS 'dbctl'@'%' IDENTIFIED BY '@DBCTL_PASSWORD@' REQUIRE NONE;
GRANT READ ONLY ADMIN, REPLICATION SLAVE ADMIN, REPLICATION MASTER ADMIN, REPLICA MONITOR, BINLOG MONITOR, RELOAD,
  PROCESS ON *.* TO 'dbctl'@'%';
GRANT SELECT ON bookd.* TO 'dbctl'@'%';
GRANT SELECT, INSERT, CREATE ON mainstay.* TO 'dbctl'@'%';
