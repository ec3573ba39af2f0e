#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace simulation {

/// One end of a real connection in the hands of a script; never blocks.
class Wire {
 public:
  Wire() = default;
  explicit Wire(int descriptor);
  Wire(Wire&& other) noexcept;
  Wire& operator=(Wire&& other) noexcept;
  ~Wire();

  bool is_open() const { return descriptor_ >= 0; }
  /// As much as the kernel takes; how much that was. 0 also when the other side is gone.
  std::size_t send(std::string_view octets);
  /// Adds up to `most` octets to `received`; how many.
  std::size_t receive(std::size_t most);
  const std::string& received() const { return received_; }

  /// The other side has ended, or reset, the connection and all before it was received.
  bool ended() const { return ended_; }
  bool was_reset() const { return reset_; }

  void finish();  // no more will be sent; reading goes on
  void close();
  void reset();

 private:
  int descriptor_{-1};
  std::string received_;
  bool ended_{false};
  bool reset_{false};
};

/// A socket that listens on a port of the kernel's choice on 127.0.0.1.
class Door {
 public:
  Door();
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  std::uint16_t port() const { return port_; }
  Wire connect() const;
  /// A descriptor, or -1 when nobody waits.
  int accept() const;

 private:
  int descriptor_;
  std::uint16_t port_{0};
};

}  // namespace simulation
