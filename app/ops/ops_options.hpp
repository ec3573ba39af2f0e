#pragma once

#include "common/admin_client.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace booking::ops {

/// Where the daemons around us answer. Whatever is not named is shown as not configured.
struct OpsOptions {
  static constexpr std::size_t kMostNodes = 8;  // of each kind

  struct LoadBalancer {
    std::string name;
    std::string vrrpd;  // `http://10.0.0.11:9112`, or empty
    std::string lbd;    // `https://10.0.0.11:9102`, or empty
  };
  struct Application {
    std::string name;
    std::string address;  // whose /readyz is asked: `http://10.0.0.21:8080`
  };

  std::vector<LoadBalancer> load_balancers;
  std::vector<Application> applications;
  std::string alertmanager;  // `http://…:9093`, or empty
  /// Where the backup's metrics are: the address of a node exporter, or a folder of .prom files.
  std::string backup_metrics;
  common::AdminTrust trust;                  // for https
  std::chrono::milliseconds interval{5000};  // between two looks
  std::chrono::milliseconds deadline{1000};  // of each question
};

}  // namespace booking::ops
