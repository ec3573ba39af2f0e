#include "lb/net/reader.hpp"

#include <boost/asio/detail/socket_ops.hpp>

#include <cerrno>
#include <memory>
#include <sys/socket.h>

namespace lb::net {

namespace socket_ops = asio::detail::socket_ops;
using asio::detail::epoll_reactor;

Reader::Reader(ReactorSocket& socket)
    : reactor_op{boost::system::error_code{}, &Reader::do_perform, &Reader::do_complete},
      socket_{&socket},
      reactor_{socket.reactor()} {
  cancellation_key_ = this;
}

void Reader::dispose(Reader* reader) {
  if (reader == nullptr) return;
  reader->stop_watching();
  reader->disposed_ = true;
  if (!reader->queued_) delete reader;
}

void Reader::watch(void* owner, OnEvent on_event) {
  purpose_ = Purpose::Watch;
  owner_ = owner;
  on_event_ = on_event;
  if (!queued_)
    begin(false);
  else if (returning_)
    again_ = true;
}

void Reader::stop_watching() {
  if (purpose_ == Purpose::Watch) purpose_ = Purpose::None;
}

void Reader::begin_reading(Purpose purpose, bool ask_first) {
  purpose_ = purpose;
  if (!queued_) {
    begin(ask_first);
    return;
  }
  // The watch that the reactor holds becomes this read; unless the kernel must be asked, or the
  // watch is over already.
  if (!ask_first && !returning_) return;
  again_ = true;
  ask_first_ = ask_first;
  if (returning_) return;
  returning_ = true;
  reactor_.cancel_ops_by_key(socket_->native_handle(), socket_->reactor_data(),
                             epoll_reactor::read_op, this);
}

void Reader::begin(bool ask_first) {
  ec_ = {};
  bytes_transferred_ = 0;
  queued_ = true;
  returning_ = false;
  if (ask_first && socket_->is_open()) {
    if (read_now() != not_done) {
      returning_ = true;
      reactor_.post_immediate_completion(this, true);
      return;
    }
    just_asked_ = true;
  }
  if (purpose_ == Purpose::Ready) just_asked_ = true;
  reactor_.start_op(epoll_reactor::read_op, socket_->native_handle(), socket_->reactor_data(), this,
                    false, true);
  just_asked_ = false;
}

Reader::status Reader::read_now() {
  bool lent = false;
  std::span<char> space{memory_, size_};
  if (buffer_ != nullptr) {
    if (!*buffer_) {
      try {
        *buffer_ = pool_->take();
      } catch (const std::bad_alloc&) {  // this one's connection ends, all others go on
        ec_ = asio::error::no_memory;
        return done;
      }
      lent = true;
    }
    space = buffer_->space();
  }
  if (!socket_ops::non_blocking_recv1(socket_->native_handle(), space.data(), space.size(),
                                      MSG_DONTWAIT, true, ec_, bytes_transferred_)) {
    if (lent) buffer_->release();
    return not_done;
  }
  // A read that does not fill its memory has drained the socket: the next one waits for the
  // kernel's word instead of asking it in vain.
  return bytes_transferred_ < space.size() ? done_and_exhausted : done;
}

/// Leaves what there is to whoever reads next.
Reader::status Reader::look_now() {
  char octet = 0;
  const auto count = ::recv(socket_->native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return not_done;
  event_ = count > 0 ? Event::Octets : Event::End;
  return done;
}

Reader::status Reader::do_perform(reactor_op* base) {
  auto& self = *static_cast<Reader*>(base);
  if (self.just_asked_) return not_done;
  auto ended = done;  // nobody wants it any more: whoever comes next asks the kernel
  if (self.purpose_ == Purpose::Read) ended = self.read_now();
  if (self.purpose_ == Purpose::Watch) ended = self.look_now();
  // Ready: the kernel's word is all that is wanted.
  self.returning_ = ended != not_done;
  return ended;
}

void Reader::do_complete(void* owner, asio::detail::operation* base,
                         const boost::system::error_code&, std::size_t) {
  static_cast<Reader*>(base)->on_complete(owner != nullptr);
}

/// `alive` is false when the context goes down with everything in it.
void Reader::on_complete(bool alive) {
  queued_ = returning_ = false;
  const auto purpose = purpose_;
  const bool resumes = purpose == Purpose::Read || purpose == Purpose::Ready;
  if (again_ && alive && !disposed_ && purpose != Purpose::None) {
    again_ = false;
    begin(resumes && ask_first_);
    return;
  }
  again_ = false;
  purpose_ = Purpose::None;
  if (disposed_) {
    const std::unique_ptr<Reader, void (*)(Reader*)> last{this, [](Reader* self) { delete self; }};
    if (resumes) resume_(handler_, alive, asio::error::operation_aborted, 0);
  } else if (resumes) {
    resume_(handler_, alive, ec_, bytes_transferred_);
  } else if (purpose == Purpose::Watch && alive && !ec_) {
    on_event_(owner_, event_);
  }
}

}  // namespace lb::net
