#include "vrrpd/daemon/record_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>

namespace vrrp::daemon {

namespace json = boost::json;

namespace {

std::int64_t microseconds(common::WallTime time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

template <class Events>
json::array describe(const Events& events) {
  json::array all;
  for (const auto& event : events)
    all.push_back(json::object{{"at_unix_us", microseconds(event.last)},
                               {"first_unix_us", microseconds(event.first)},
                               {"count", event.count},
                               {"interface", event.interface()},
                               {"vrid", event.vrid},
                               {"kind", recorder::name(event.kind)},
                               {"text", event.text()}});
  return all;
}

}  // namespace

std::string record_json(const recorder::Recorder& recorder) {
  json::array transitions;
  for (const auto& flight : recorder.flights()) transitions.push_back(describe(flight));
  return json::serialize(json::object{{"events", describe(recorder.events())},
                                      {"transitions", std::move(transitions)}});
}

}  // namespace vrrp::daemon
