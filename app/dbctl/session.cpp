#include "app/dbctl/session.hpp"

#include <condition_variable>
#include <errmsg.h>
#include <mutex>
#include <mysql.h>
#include <sys/socket.h>
#include <thread>

namespace booking::dbctl {
namespace {

constexpr std::size_t kMostRows = 100'000;  // of an answer that is kept whole

/// Shuts a socket when time is up: what blocks on it returns at once.
class Guard {
 public:
  Guard(int socket, std::chrono::milliseconds limit)
      : thread_{[this, socket, limit] {
          std::unique_lock lock{mutex_};
          if (!over_.wait_for(lock, limit, [this] { return done_; })) ::shutdown(socket, SHUT_RDWR);
        }} {}
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() {
    {
      const std::lock_guard lock{mutex_};
      done_ = true;
    }
    over_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  bool done_{false};
  std::jthread thread_;
};

using Result = std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)>;

[[noreturn]] void fail(MYSQL* session) {
  throw SqlError{mysql_errno(session), mysql_error(session)};
}

void send(MYSQL* session, const std::string& sql) {
  if (mysql_real_query(session, sql.data(), sql.size()) != 0) fail(session);
}

/// The whole answer; nothing when the statement has none.
Result ask(MYSQL* session, const std::string& sql) {
  send(session, sql);
  Result result{mysql_store_result(session), &mysql_free_result};
  if (!result && mysql_errno(session) != 0) fail(session);
  return result;
}

/// The next row; false after the last.
bool fetch(MYSQL_RES* result, Cells& out) {
  const auto row = mysql_fetch_row(result);
  if (row == nullptr) return false;
  const auto* const lengths = mysql_fetch_lengths(result);
  out.clear();
  for (unsigned i = 0; i < mysql_num_fields(result); ++i)
    out.push_back(row[i] == nullptr ? std::string{} : std::string(row[i], lengths[i]));
  return true;
}

}  // namespace

bool SqlError::breaks_session() const {
  constexpr unsigned kShutdown = 1053;
  constexpr unsigned kKilled = 1927;
  constexpr unsigned kFirstOfNetwork = 1158;
  constexpr unsigned kLastOfNetwork = 1161;
  return (number_ >= CR_MIN_ERROR && number_ < 3000) || number_ == kShutdown ||
         number_ == kKilled || (number_ >= kFirstOfNetwork && number_ <= kLastOfNetwork);
}

void Session::Close::operator()(MYSQL* session) const { mysql_close(session); }

Session::Session(const NodeOptions& node, const Options& options) : session_{mysql_init(nullptr)} {
  if (!session_) throw SqlError{CR_OUT_OF_MEMORY, "out of memory"};
  auto* const session = session_.get();
  const auto timeout = static_cast<unsigned>(options.connect_timeout.count());
  mysql_optionsv(session, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
  mysql_optionsv(session, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  constexpr unsigned kTcp = MYSQL_PROTOCOL_TCP;
  mysql_optionsv(session, MYSQL_OPT_PROTOCOL, &kTcp);
  if (options.tls) {
    const my_bool yes = 1;
    mysql_optionsv(session, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_optionsv(session, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    mysql_optionsv(session, MYSQL_OPT_SSL_CA, options.tls_ca.c_str());
    if (!options.tls_certificate.empty()) {
      mysql_optionsv(session, MYSQL_OPT_SSL_CERT, options.tls_certificate.c_str());
      mysql_optionsv(session, MYSQL_OPT_SSL_KEY, options.tls_key.c_str());
    }
  }
  if (mysql_real_connect(session, node.address.ip.to_string().c_str(), options.user.c_str(),
                         options.password.c_str(), nullptr, node.address.port, nullptr,
                         0) == nullptr)
    fail(session);
}

Session::~Session() = default;

void Session::run(const std::string& sql, std::chrono::milliseconds limit) { rows(sql, limit); }

std::optional<Row> Session::row(const std::string& sql, std::chrono::milliseconds limit) {
  const Guard guard{static_cast<int>(mysql_get_socket(session_.get())), limit};
  const auto result = ask(session_.get(), sql);
  Cells cells;
  if (!result || !fetch(result.get(), cells)) return std::nullopt;
  Row out;
  for (unsigned i = 0; i < cells.size(); ++i)
    out[mysql_fetch_field_direct(result.get(), i)->name] = std::move(cells[i]);
  return out;
}

std::vector<Cells> Session::rows(const std::string& sql, std::chrono::milliseconds limit) {
  const Guard guard{static_cast<int>(mysql_get_socket(session_.get())), limit};
  const auto result = ask(session_.get(), sql);
  std::vector<Cells> out;
  if (!result) return out;
  if (mysql_num_rows(result.get()) > kMostRows) throw SqlError{0, "more rows than dbctl takes"};
  for (Cells cells; fetch(result.get(), cells);) out.push_back(std::move(cells));
  return out;
}

bool Session::each_row(const std::string& sql, std::chrono::milliseconds limit, unsigned tolerated,
                       const std::function<void(const Cells&)>& take) {
  const Guard guard{static_cast<int>(mysql_get_socket(session_.get())), limit};
  send(session_.get(), sql);
  const Result result{mysql_use_result(session_.get()), &mysql_free_result};
  if (!result) fail(session_.get());
  bool any = false;
  for (Cells cells; fetch(result.get(), cells); any = true) take(cells);
  const auto error = mysql_errno(session_.get());
  if (error != 0 && (!any || error != tolerated)) fail(session_.get());
  return error == 0;
}

std::string Session::value(const std::string& sql, std::chrono::milliseconds limit) {
  const auto found = rows(sql, limit);
  return found.empty() || found.front().empty() ? std::string{} : found.front().front();
}

}  // namespace booking::dbctl
