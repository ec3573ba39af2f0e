#include "app/api/service.hpp"

#include "app/api/account_endpoints.hpp"
#include "app/api/booking_desk.hpp"
#include "app/api/calendar_endpoints.hpp"
#include "app/api/client_endpoints.hpp"
#include "app/api/customer_endpoints.hpp"
#include "app/api/guest_endpoints.hpp"
#include "app/api/health_endpoints.hpp"
#include "app/api/inbox_endpoints.hpp"
#include "app/api/login_endpoints.hpp"
#include "app/api/manage_endpoints.hpp"
#include "app/api/ops_endpoints.hpp"
#include "app/api/page_endpoints.hpp"
#include "app/api/photo_endpoints.hpp"
#include "app/api/record_endpoints.hpp"
#include "app/api/server.hpp"

namespace booking::api {
namespace {

/// A page for those who read pages, a problem for programs.
Response refuse(const PageEndpoints& pages, const Request& request, const Problem& problem) {
  const bool reads_pages = request.field("Accept").find("text/html") != std::string_view::npos;
  if (reads_pages && !request.path.starts_with("/api/")) return pages.error_page(request, problem);
  return to_response(problem, request);
}

}  // namespace

struct Service::Parts {
  Parts(boost::asio::io_context& context, const ApiOptions& options,
        const web::WebOptions& web_options, store::Store& store, privacy::Vault keys,
        const ops::Watcher& watcher, common::Metrics& process_metrics)
      : process{process_metrics},
        metrics{process_metrics},
        of_store{store_metrics(store)},
        vault{std::move(keys)},
        links{vault},
        guard{store, vault, options.guard},
        hours{store},
        desk{store, metrics, options.guests, guard, links, hours},
        guest{desk},
        gate{options.admin, store},
        login{options.admin, gate, store, vault, passwords, metrics},
        accounts{gate, store, passwords, web_options.business_name},
        looks{store},
        inbox{gate, store, looks, metrics},
        calendar{gate, store, looks, web_options.business_name},
        customers{gate, store, looks},
        records{gate, store},
        operations{gate, watcher},
        pages{web_options, desk, links},
        manage{pages, desk},
        photos{gate, store, looks, links},
        health{store, lifecycle},
        server{context,
               options,
               routes,
               metrics,
               lifecycle,
               [this](const Request& request, const Problem& problem) {
                 return refuse(pages, request, problem);
               }} {
    process.add(of_store);
    guest.add_to(routes);
    login.add_to(routes);
    accounts.add_to(routes);
    inbox.add_to(routes);
    calendar.add_to(routes);
    customers.add_to(routes);
    records.add_to(routes);
    operations.add_to(routes);
    client.add_to(routes);
    pages.add_to(routes);
    manage.add_to(routes);
    photos.add_to(routes);
    health.add_to(routes);
  }

  common::Metrics& process;
  Metrics metrics;
  std::shared_ptr<prometheus::Collectable> of_store;
  Lifecycle lifecycle;
  privacy::Vault vault;
  PhotoLinks links;
  GuestGuard guard;
  ShopHours hours;
  BookingDesk desk;
  GuestEndpoints guest;
  PasswordChecker passwords;
  AdminGate gate;
  LoginEndpoints login;
  AccountEndpoints accounts;
  Looks looks;
  InboxEndpoints inbox;
  CalendarEndpoints calendar;
  CustomerEndpoints customers;
  RecordEndpoints records;
  OpsEndpoints operations;
  ClientEndpoints client;
  PageEndpoints pages;
  ManageEndpoints manage;
  PhotoEndpoints photos;
  HealthEndpoints health;
  RouteTable routes;
  Server server;
};

Service::Service(boost::asio::io_context& context, const ApiOptions& options,
                 const web::WebOptions& web, store::Store& store, privacy::Vault keys,
                 const ops::Watcher& watcher, common::Metrics& metrics)
    : parts_{std::make_unique<Parts>(context, options, web, store, std::move(keys), watcher,
                                     metrics)} {}

Service::~Service() = default;

void Service::add_to(common::AdminServer& admin) {
  admin.route("/metrics", [this] {
    return common::AdminAnswer{200, common::Metrics::kContentType, parts_->process.text()};
  });
  admin.route("/livez", [] {
    auto verdict = HealthEndpoints::alive();
    return common::AdminAnswer{verdict.status, "application/json", std::move(verdict.body)};
  });
  admin.route("/readyz", [this] {
    auto verdict = parts_->health.ready();
    return common::AdminAnswer{verdict.status, "application/json", std::move(verdict.body)};
  });
}

common::Result<common::SocketAddress> Service::listen() { return parts_->server.listen(); }

void Service::renew() { parts_->server.renew(); }

std::vector<std::string> Service::routes() const { return parts_->routes.list(); }

boost::asio::awaitable<void> Service::drain() { return parts_->server.drain(); }

}  // namespace booking::api
