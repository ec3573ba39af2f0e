#include "app/store/mariadb_session.hpp"

#include <algorithm>
#include <mysql.h>
#include <string_view>

namespace booking::store {
namespace {

constexpr const char* kSessionSettings =
    "SET SESSION innodb_lock_wait_timeout = 1, time_zone = '+00:00', "
    "sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'";

// So that it is told which transaction a commit became.
constexpr const char* kTrackMariadb = "SET SESSION session_track_system_variables = 'last_gtid'";
constexpr const char* kTrackMysql = "SET SESSION session_track_gtids = OWN_GTID";

void use_tls(MYSQL* session, const TlsOptions& tls) {
  const my_bool yes = 1;
  mysql_optionsv(session, MYSQL_OPT_SSL_ENFORCE, &yes);
  mysql_optionsv(session, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
  mysql_optionsv(session, MYSQL_OPT_SSL_CA, tls.ca_file.c_str());
  if (tls.certificate_file.empty()) return;
  mysql_optionsv(session, MYSQL_OPT_SSL_CERT, tls.certificate_file.c_str());
  mysql_optionsv(session, MYSQL_OPT_SSL_KEY, tls.key_file.c_str());
}

/// The library wants to know of each thread that uses it, and when the thread ends.
struct LibraryThread {
  LibraryThread() { mysql_thread_init(); }
  LibraryThread(const LibraryThread&) = delete;
  LibraryThread& operator=(const LibraryThread&) = delete;
  ~LibraryThread() { mysql_thread_end(); }
};

[[noreturn]] void throw_error(unsigned number, const char* words) {
  throw SqlError{mariadb_trouble(number), std::string{words} + " (" + std::to_string(number) + ")"};
}

[[noreturn]] void fail_with(MYSQL_STMT* statement) {
  throw_error(mysql_stmt_errno(statement), mysql_stmt_error(statement));
}

MYSQL_BIND bind_parameter(const Parameter& parameter) {
  MYSQL_BIND bind{};
  // The library only reads through these pointers when it sends parameters.
  if (const auto* integer = std::get_if<std::int64_t>(&parameter)) {
    bind.buffer_type = MYSQL_TYPE_LONGLONG;
    bind.buffer = const_cast<std::int64_t*>(integer);
  } else if (const auto* text = std::get_if<std::string>(&parameter)) {
    bind.buffer_type = MYSQL_TYPE_STRING;
    bind.buffer = const_cast<char*>(text->data());
    bind.buffer_length = text->size();
  } else if (const auto* blob = std::get_if<Blob>(&parameter)) {
    bind.buffer_type = MYSQL_TYPE_BLOB;
    bind.buffer = const_cast<char*>(blob->octets.data());
    bind.buffer_length = blob->octets.size();
  } else {
    bind.buffer_type = MYSQL_TYPE_NULL;
  }
  return bind;
}

bool is_integer(enum_field_types type) {
  return type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_SHORT || type == MYSQL_TYPE_INT24 ||
         type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_LONGLONG;
}

/// Where one column of the row being fetched lands.
struct Cell {
  bool integer{false};
  std::int64_t number{0};
  std::string octets;
  unsigned long length{0};
  my_bool is_null{0};

  MYSQL_BIND bind() {
    MYSQL_BIND bound{};
    bound.is_null = &is_null;
    bound.length = &length;
    bound.buffer_type = integer ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING;
    bound.buffer = integer ? static_cast<void*>(&number) : octets.data();
    bound.buffer_length = integer ? sizeof number : octets.size();
    return bound;
  }

  Row::Value value() const {
    if (is_null != 0) return std::monostate{};
    if (integer) return number;
    return octets.substr(0, length);
  }
};

std::vector<Row> fetch_all(MYSQL_STMT* statement) {
  const my_bool measure = 1;
  mysql_stmt_attr_set(statement, STMT_ATTR_UPDATE_MAX_LENGTH, &measure);
  if (mysql_stmt_store_result(statement) != 0) fail_with(statement);
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> metadata{
      mysql_stmt_result_metadata(statement), &mysql_free_result};
  if (!metadata) fail_with(statement);

  std::vector<Cell> cells(mysql_num_fields(metadata.get()));
  std::vector<MYSQL_BIND> binds;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto* field = mysql_fetch_field_direct(metadata.get(), static_cast<unsigned>(i));
    cells[i].integer = is_integer(field->type);
    if (!cells[i].integer) cells[i].octets.resize(field->max_length + 1);
    binds.push_back(cells[i].bind());
  }
  if (mysql_stmt_bind_result(statement, binds.data()) != 0) fail_with(statement);

  std::vector<Row> rows;
  for (int status = mysql_stmt_fetch(statement); status != MYSQL_NO_DATA;
       status = mysql_stmt_fetch(statement)) {
    if (status != 0) fail_with(statement);  // MYSQL_DATA_TRUNCATED cannot be: max_length is known
    std::vector<Row::Value> values;
    values.reserve(cells.size());
    for (const auto& cell : cells) values.push_back(cell.value());
    rows.emplace_back(std::move(values));
  }
  mysql_stmt_free_result(statement);
  return rows;
}

}  // namespace

void MariadbSession::CloseSession::operator()(MYSQL* session) const { mysql_close(session); }
void MariadbSession::CloseStatement::operator()(MYSQL_STMT* statement) const {
  mysql_stmt_close(statement);
}

MariadbSession::MariadbSession(const common::SocketAddress& node, const MariadbOptions& options,
                               std::chrono::seconds io_timeout)
    : node_{node} {
  static thread_local const LibraryThread known;
  session_.reset(mysql_init(nullptr));
  if (!session_) throw SqlError{Trouble::Broken, "out of memory"};
  const auto connect_timeout =
      static_cast<unsigned>(std::max<std::int64_t>(1, options.connect_timeout.count()));
  mysql_optionsv(session_.get(), MYSQL_OPT_CONNECT_TIMEOUT, &connect_timeout);
  const auto io_seconds = static_cast<unsigned>(io_timeout.count());
  mysql_optionsv(session_.get(), MYSQL_OPT_READ_TIMEOUT, &io_seconds);
  mysql_optionsv(session_.get(), MYSQL_OPT_WRITE_TIMEOUT, &io_seconds);
  mysql_optionsv(session_.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  constexpr unsigned kTcp = MYSQL_PROTOCOL_TCP;
  mysql_optionsv(session_.get(), MYSQL_OPT_PROTOCOL, &kTcp);
  if (options.tls) use_tls(session_.get(), *options.tls);
  open(options);
}

void MariadbSession::open(const MariadbOptions& options) {
  if (mysql_real_connect(session_.get(), node_.ip.to_string().c_str(), options.user.c_str(),
                         options.password.c_str(), options.database.c_str(), node_.port, nullptr,
                         CLIENT_FOUND_ROWS) == nullptr)
    // Whatever keeps us out (no route, no place, no rights): there is no session.
    throw SqlError{Trouble::Broken, mysql_error(session_.get())};
  run(kSessionSettings);
  run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");  // no gap locks
  mariadb_ = mariadb_connection(session_.get()) != 0;
  run(mariadb_ ? kTrackMariadb : kTrackMysql);
}

MariadbSession::~MariadbSession() = default;

void MariadbSession::fail() const {
  throw_error(mysql_errno(session_.get()), mysql_error(session_.get()));
}

void MariadbSession::begin() {
  if (!commits_itself_) return;
  run("SET SESSION autocommit = 0");  // a round trip less in each transaction
  commits_itself_ = false;
}

void MariadbSession::run(const std::string& sql) {
  if (mysql_real_query(session_.get(), sql.data(), sql.size()) != 0) fail();
  if (sql == "COMMIT") note_written();
}

/// MariaDB tells a changed variable as its name and its value, MySQL the GTID alone.
void MariadbSession::note_written() {
  const auto kind = mariadb_ ? SESSION_TRACK_SYSTEM_VARIABLES : SESSION_TRACK_GTIDS;
  const char* text = nullptr;
  std::size_t length = 0;
  bool named = false;
  for (int more = mysql_session_track_get_first(session_.get(), kind, &text, &length); more == 0;
       more = mysql_session_track_get_next(session_.get(), kind, &text, &length)) {
    const std::string_view found{text, length};
    if (!mariadb_ || named) last_written_ = found;
    named = mariadb_ && found == "last_gtid";
  }
}

const char* MariadbSession::position_variable() const {
  return mariadb_ ? "@@global.gtid_binlog_pos" : "@@global.gtid_executed";
}

const char* MariadbSession::wait_for_position() const {
  return mariadb_ ? "SELECT MASTER_GTID_WAIT(?, CAST(? AS DECIMAL(4, 1)))"
                  : "SELECT WAIT_FOR_EXECUTED_GTID_SET(?, CAST(? AS DECIMAL(4, 1)))";
}

MYSQL_STMT* MariadbSession::start(const char* sql, const std::vector<Parameter>& parameters) {
  auto& slot = prepared_[sql];
  if (!slot) {
    std::unique_ptr<MYSQL_STMT, CloseStatement> fresh{mysql_stmt_init(session_.get())};
    if (!fresh) fail();
    if (mysql_stmt_prepare(fresh.get(), sql, std::char_traits<char>::length(sql)) != 0)
      fail_with(fresh.get());
    slot = std::move(fresh);
  }
  std::vector<MYSQL_BIND> binds;
  binds.reserve(parameters.size());
  for (const auto& parameter : parameters) binds.push_back(bind_parameter(parameter));
  if (!binds.empty() && mysql_stmt_bind_param(slot.get(), binds.data()) != 0) fail_with(slot.get());
  if (mysql_stmt_execute(slot.get()) != 0) fail_with(slot.get());
  return slot.get();
}

std::vector<Row> MariadbSession::query(const char* sql, const std::vector<Parameter>& parameters) {
  return fetch_all(start(sql, parameters));
}

std::uint64_t MariadbSession::execute(const char* sql, const std::vector<Parameter>& parameters) {
  return mysql_stmt_affected_rows(start(sql, parameters));
}

int MariadbSession::socket() const { return static_cast<int>(mysql_get_socket(session_.get())); }

}  // namespace booking::store
