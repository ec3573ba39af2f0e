#include "lb/net/asio.hpp"
#include "tests/bench/bench.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <cstdlib>

/// What an operation costs whose memory Asio takes from the thread's last one, and one that asks
/// malloc.
namespace bench {
namespace {

constexpr std::uint64_t kOperations = 3'000'000;

template <class T>
struct Malloc {
  using value_type = T;
  Malloc() = default;
  template <class Other>
  explicit Malloc(const Malloc<Other>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(std::malloc(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t) { std::free(memory); }
  bool operator==(const Malloc&) const { return true; }
};

/// Begins the next one, as a session begins its next read.
template <class Bind>
struct Operation {
  void operator()() {
    if (--*left > 0) boost::asio::post(*context, bind(*this));
  }
  boost::asio::io_context* context;
  std::uint64_t* left;
  Bind bind;
  std::array<char, 96> state{};  // about what a read holds
};

template <class Bind>
void measure(const char* name, Bind bind) {
  boost::asio::io_context context{1};
  std::uint64_t left = kOperations;
  boost::asio::post(context, bind(Operation<Bind>{&context, &left, bind}));
  const auto before = thread_cpu_ns();
  context.run();
  report(name, static_cast<double>(thread_cpu_ns() - before) / kOperations, "ns");
}

}  // namespace

void handlers() {
  measure("an operation in memory used again", [](auto operation) { return operation; });
  measure("an operation in memory from malloc",
          [](auto operation) { return boost::asio::bind_allocator(Malloc<void>{}, operation); });
}

}  // namespace bench
