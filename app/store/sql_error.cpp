#include "app/store/sql_error.hpp"

#include <errmsg.h>
#include <mysqld_error.h>
#include <sqlite3.h>

namespace booking::store {

Trouble mariadb_trouble(unsigned error_number) {
  switch (error_number) {
    case ER_DUP_ENTRY:
      return Trouble::Duplicate;
    case ER_LOCK_DEADLOCK:
    case ER_CHECKREAD:  // a row changed since the snapshot that it is to be changed in
      return Trouble::Deadlock;
    case ER_LOCK_WAIT_TIMEOUT:
      return Trouble::LockWait;
    case ER_TABLE_EXISTS_ERROR:
    case ER_DUP_KEYNAME:
    case ER_DUP_FIELDNAME:
      return Trouble::Exists;
    case ER_NO_SUCH_TABLE:
    case ER_BAD_DB_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
      return Trouble::Missing;
    case ER_OPTION_PREVENTS_STATEMENT:  // 1290: --read-only
    case 1792:                          // transaction is read only
    case 1836:                          // running in read-only mode
      return Trouble::ReadOnly;
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL:   // what InnoDB says then
    case ER_UNKNOWN_COM_ERROR:  // a node of Galera without a majority
    case ER_SERVER_SHUTDOWN:
    case ER_QUERY_INTERRUPTED:
    case ER_CONNECTION_KILLED:
    case ER_NEW_ABORTING_CONNECTION:
    case ER_NET_READ_ERROR:
    case ER_NET_READ_INTERRUPTED:
    case ER_NET_ERROR_ON_WRITE:
    case ER_NET_WRITE_INTERRUPTED:
      return Trouble::Broken;
    default:
      // The library's own errors (2000 to 2999, with 2026 for a cut TLS connection) leave a
      // connection in a state nobody knows.
      return error_number >= CR_MIN_ERROR && error_number < 3000 ? Trouble::Broken
                                                                 : Trouble::Refused;
  }
}

Trouble sqlite_trouble(int code) {
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
    return Trouble::Duplicate;
  switch (code & 0xFF) {  // the primary result code
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Trouble::LockWait;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Trouble::Broken;
    default:
      return Trouble::Refused;
  }
}

}  // namespace booking::store
