#include "app/store/sql_error.hpp"

#include <errmsg.h>
#include <mysqld_error.h>

namespace booking::store {

Trouble trouble_of(unsigned error_number) {
  switch (error_number) {
    case ER_DUP_ENTRY:
      return Trouble::Duplicate;
    case ER_LOCK_DEADLOCK:
      return Trouble::Deadlock;
    case ER_LOCK_WAIT_TIMEOUT:
      return Trouble::LockWait;
    case ER_OPTION_PREVENTS_STATEMENT:  // 1290: --read-only
    case 1792:                          // transaction is read only
    case 1836:                          // running in read-only mode
      return Trouble::ReadOnly;
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

}  // namespace booking::store
