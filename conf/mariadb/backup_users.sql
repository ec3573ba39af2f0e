-- Accounts of the backups, once, on the primary (a replica gets them by replication). Replace @BACKUP_PASSWORD@ and
-- @ARCHIVE_PASSWORD@ first, from files only root reads; then: mariadb < backup_users.sql

-- scripts/backup_script.sh full and logical, on the database node itself. It reads everything and changes nothing:
-- RELOAD and PROCESS are what mariadb-backup takes its stages with, the replication rights are for GTIDs, lag and the
-- bridge from the copy to its manifest.
CREATE USER IF NOT EXISTS 'backup'@'localhost' IDENTIFIED BY '@BACKUP_PASSWORD@';
GRANT SELECT, RELOAD, PROCESS, LOCK TABLES, SHOW VIEW, EVENT, TRIGGER, BINLOG MONITOR, REPLICA MONITOR, REPLICATION SLAVE
  ON *.* TO 'backup'@'localhost';

-- backup_script.sh archive, from another machine: reads the binary log, no table.
CREATE USER IF NOT EXISTS 'archive'@'%' IDENTIFIED BY '@ARCHIVE_PASSWORD@' REQUIRE SSL;
GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO 'archive'@'%';
