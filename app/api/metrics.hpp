#pragma once

#include "app/store/store.hpp"
#include "common/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace booking::api {

/// What the HTTP face counts. Label values come from our own tables alone, so that no stranger can
/// make series. Used on the event loop only.
class Metrics {
 public:
  explicit Metrics(common::Metrics& metrics);

  void on_exchange(std::string_view route, std::string_view method, unsigned status,
                   std::chrono::duration<double> took);
  /// A request that could not be read, or a connection there was no place for.
  void on_refused(std::string_view reason);
  void on_connections(std::size_t open) { connections_.Set(static_cast<double>(open)); }
  /// When the listener's certificate ends.
  void on_certificate(std::chrono::sys_seconds not_after) {
    certificates_.Add({}).Set(static_cast<double>(not_after.time_since_epoch().count()));
  }
  void on_booking(std::string_view event) { count(bookings_, "event", event); }
  void on_idempotent(std::string_view result) { count(idempotent_, "result", result); }
  void on_lookup(std::string_view result) { count(lookups_, "result", result); }
  void on_login(std::string_view result) { count(logins_, "result", result); }
  void on_slot_conflict() { slot_conflicts_.Increment(); }

 private:
  using Counters = prometheus::Family<prometheus::Counter>;
  static void count(Counters& family, std::string_view label, std::string_view value);

  Counters& requests_;
  prometheus::Family<prometheus::Histogram>& durations_;
  Counters& refused_;
  prometheus::Gauge& connections_;
  prometheus::Family<prometheus::Gauge>& certificates_;
  Counters& bookings_;
  Counters& idempotent_;
  Counters& lookups_;
  Counters& logins_;
  prometheus::Counter& slot_conflicts_;
};

/// The store's own numbers, asked on every scrape. Keep it as long as it shall be asked.
std::shared_ptr<prometheus::Collectable> store_metrics(const store::Store& store);

}  // namespace booking::api
