#include "lb/http2/frame_tracker.hpp"

#include <algorithm>

namespace lb::http2 {

std::size_t FrameTracker::take(std::string_view octets) {
  is_head_ = false;
  const auto size = octets.size();
  const auto skip = [&octets](std::size_t& left) {
    const auto count = std::min(left, octets.size());
    octets.remove_prefix(count);
    left -= count;
  };
  skip(preface_left_);
  look_at_priority(octets);
  skip(left_);
  while (!octets.empty() && have_ < memory_.size()) {
    memory_[have_++] = static_cast<unsigned char>(octets.front());
    octets.remove_prefix(1);
  }
  if (have_ == memory_.size()) on_head();
  return size - octets.size();
}

void FrameTracker::look_at_priority(std::string_view& octets) {
  while (priority_left_ > 0 && left_ > 0 && !octets.empty()) {
    dependency_ = dependency_ << 8U | static_cast<unsigned char>(octets.front());
    octets.remove_prefix(1);
    --left_;
    if (--priority_left_ == 0 &&
        static_cast<std::int32_t>(dependency_ & 0x7FFFFFFFU) == head_.stream)
      bad_priority_ = true;
  }
}

void FrameTracker::on_head() {
  have_ = 0;
  is_head_ = true;
  head_ = {(std::uint32_t{memory_[0]} << 16U) | (std::uint32_t{memory_[1]} << 8U) | memory_[2],
           memory_[3], memory_[4],
           static_cast<std::int32_t>((std::uint32_t{memory_[5]} & 0x7FU) << 24U |
                                     std::uint32_t{memory_[6]} << 16U |
                                     std::uint32_t{memory_[7]} << 8U | memory_[8])};
  left_ = head_.length;
  constexpr std::size_t kStreamNumber = 4;
  priority_left_ = 0;
  if (head_.type == kPriority) {
    priority_left_ = kStreamNumber;
    bad_priority_ = bad_priority_ || head_.stream == 0;
  }
  if (head_.type == kHeaders && (head_.flags & kHasPriority) != 0)
    priority_left_ = kStreamNumber + ((head_.flags & kPadded) != 0 ? 1U : 0U);
  if (head_.type == kHeaders) ++field_sections_;
  if (head_.type == kHeaders || head_.type == kContinuation)
    in_fields_ = (head_.flags & kEndHeaders) == 0;
}

}  // namespace lb::http2
