#include "app/dbctl/session.hpp"

#include <condition_variable>
#include <errmsg.h>
#include <mutex>
#include <mysql.h>
#include <sys/socket.h>
#include <thread>

namespace booking::dbctl {
namespace {

constexpr std::size_t kMostRows = 1'000'000;

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

std::string cell(const MYSQL_ROW& row, const unsigned long* lengths, unsigned i) {
  return row[i] == nullptr ? std::string{} : std::string(row[i], lengths[i]);
}

void add_row(std::vector<std::vector<std::string>>& out, MYSQL_RES* result, const MYSQL_ROW& row) {
  const auto* const lengths = mysql_fetch_lengths(result);
  auto& cells = out.emplace_back();
  for (unsigned i = 0; i < mysql_num_fields(result); ++i) cells.push_back(cell(row, lengths, i));
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
    fail();
}

Session::~Session() = default;

void Session::fail() const {
  throw SqlError{mysql_errno(session_.get()), mysql_error(session_.get())};
}

void Session::run(const std::string& sql, std::chrono::milliseconds limit) { rows(sql, limit); }

std::optional<Row> Session::row(const std::string& sql, std::chrono::milliseconds limit) {
  const Guard guard{static_cast<int>(mysql_get_socket(session_.get())), limit};
  if (mysql_real_query(session_.get(), sql.data(), sql.size()) != 0) fail();
  const Result result{mysql_store_result(session_.get()), &mysql_free_result};
  if (!result) {
    if (mysql_errno(session_.get()) != 0) fail();
    return std::nullopt;
  }
  const auto row = mysql_fetch_row(result.get());
  if (row == nullptr) return std::nullopt;
  const auto* const lengths = mysql_fetch_lengths(result.get());
  Row out;
  for (unsigned i = 0; i < mysql_num_fields(result.get()); ++i)
    out[mysql_fetch_field_direct(result.get(), i)->name] = cell(row, lengths, i);
  return out;
}

std::vector<std::vector<std::string>> Session::rows(const std::string& sql,
                                                    std::chrono::milliseconds limit) {
  const Guard guard{static_cast<int>(mysql_get_socket(session_.get())), limit};
  if (mysql_real_query(session_.get(), sql.data(), sql.size()) != 0) fail();
  const Result result{mysql_store_result(session_.get()), &mysql_free_result};
  std::vector<std::vector<std::string>> out;
  if (!result) {
    if (mysql_errno(session_.get()) != 0) fail();
    return out;
  }
  while (const auto row = mysql_fetch_row(result.get())) {
    add_row(out, result.get(), row);
    if (out.size() == kMostRows) throw SqlError{0, "more rows than dbctl takes"};
  }
  return out;
}

std::vector<std::vector<std::string>> Session::rows_before_error(const std::string& sql,
                                                                 std::chrono::milliseconds limit,
                                                                 unsigned number, bool& broken) {
  const Guard guard{static_cast<int>(mysql_get_socket(session_.get())), limit};
  if (mysql_real_query(session_.get(), sql.data(), sql.size()) != 0) fail();
  const Result result{mysql_use_result(session_.get()), &mysql_free_result};
  if (!result) fail();
  std::vector<std::vector<std::string>> out;
  while (const auto row = mysql_fetch_row(result.get())) {
    if (out.size() == kMostRows) throw SqlError{0, "more rows than dbctl takes"};
    add_row(out, result.get(), row);
  }
  const auto error = mysql_errno(session_.get());
  if (error != 0 && (out.empty() || error != number)) fail();
  broken = error != 0;
  return out;
}

std::string Session::value(const std::string& sql, std::chrono::milliseconds limit) {
  const auto found = rows(sql, limit);
  return found.empty() || found.front().empty() ? std::string{} : found.front().front();
}

}  // namespace booking::dbctl
