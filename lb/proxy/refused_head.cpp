#include "lb/proxy/refused_head.hpp"

#include "lb/proxy/error_response.hpp"

namespace lb::proxy {

void refuse_head(ClientConnection& client, const Refusal& refusal, common::TimePoint began) {
  auto& worker = client.worker;
  worker.counters->refusals[refusal.counter].add();
  auto& series = worker.site->series->http(client.listener, telemetry::Series::kNoRoute);
  series.of(worker.number).add(static_cast<std::size_t>(http::Method::Other), refusal.status);
  const auto text = error_response(
      refusal,
      {.date = worker.date, .pages = worker.site->error_pages.get(), .hsts = client.hsts()});
  net::Pieces pieces;
  pieces.add(text);
  client.stream.will_end();
  client.stream.try_write(pieces);
  if (!worker.access_log.enabled()) return;
  const telemetry::AccessRecord told{
      .client = client.address,
      .listener = series.listener(),
      .version = client.version.empty() ? std::string_view{"1.1"} : client.version,
      .status = refusal.status,
      .sent_bytes = text.size(),
      .duration = common::Clock::now() - began,
      .error = refusal.code};
  worker.access_log.add(told);
}

}  // namespace lb::proxy
