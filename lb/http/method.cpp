#include "lb/http/method.hpp"

namespace lb::http {

Method to_method(std::string_view token) {
  if (token == "GET") return Method::Get;
  if (token == "POST") return Method::Post;
  if (token == "HEAD") return Method::Head;
  if (token == "PUT") return Method::Put;
  if (token == "DELETE") return Method::Delete;
  if (token == "OPTIONS") return Method::Options;
  if (token == "PATCH") return Method::Patch;
  if (token == "CONNECT") return Method::Connect;
  if (token == "TRACE") return Method::Trace;
  return Method::Other;
}

bool is_idempotent(Method method) {
  switch (method) {
    case Method::Get:
    case Method::Head:
    case Method::Put:
    case Method::Delete:
    case Method::Options:
    case Method::Trace:
      return true;
    case Method::Other:
    case Method::Post:
    case Method::Connect:
    case Method::Patch:
      return false;
  }
  return false;
}

}  // namespace lb::http
