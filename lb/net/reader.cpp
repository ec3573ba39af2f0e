#include "lb/net/reader.hpp"

#include <boost/asio/detail/socket_ops.hpp>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <sys/socket.h>
#include <utility>

namespace lb::net {

namespace socket_ops = asio::detail::socket_ops;
using asio::detail::epoll_reactor;

Reader::Reader(ReactorSocket& socket, Layer* layer)
    : reactor_op{boost::system::error_code{}, &Reader::do_perform, &Reader::do_complete},
      socket_{&socket},
      layer_{layer},
      reactor_{socket.reactor()} {
  cancellation_key_ = this;
}

void Reader::dispose(Reader* reader) {
  if (reader == nullptr) return;
  reader->stop_watching();
  reader->leave_layer();
  reader->disposed_ = true;
  if (!reader->queued_) delete reader;
}

void Reader::watch(void* owner, OnEvent on_event) {
  purpose_ = Purpose::Watch;
  owner_ = owner;
  on_event_ = on_event;
  leave_layer();
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
  leave_layer();
  ask_first = ask_first || is_holding();
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

void Reader::return_now() {
  returning_ = true;
  reactor_.post_immediate_completion(this, true);
}

void Reader::begin(bool ask_first) {
  ec_ = {};
  bytes_transferred_ = 0;
  queued_ = true;
  returning_ = false;
  if (layer_ != nullptr && !layer_->has_socket()) return begin_without_socket();
  // What a layer holds the kernel has told of already, to a watch as well.
  if ((ask_first || (purpose_ == Purpose::Watch && is_holding())) && socket_->is_open()) {
    if (try_now() != not_done) return return_now();
    just_asked_ = true;
  }
  if (purpose_ == Purpose::Ready) just_asked_ = true;
  reactor_.start_op(epoll_reactor::read_op, socket_->native_handle(), socket_->reactor_data(), this,
                    false, true);
  just_asked_ = false;
}

void Reader::begin_without_socket() {
  if (try_now() != not_done) return return_now();
  in_layer_ = true;
  layer_->waiting_ = this;
}

/// The purpose changes, or nobody is left: what waited in the layer waits no more.
void Reader::leave_layer() {
  if (!std::exchange(in_layer_, false)) return;
  layer_->waiting_ = nullptr;
  queued_ = false;
}

void Reader::on_readable() {
  if (!in_layer_ || try_now() == not_done) return;
  in_layer_ = false;
  layer_->waiting_ = nullptr;
  return_now();
}

void Reader::abort() {
  if (!in_layer_) return on_cancel();
  in_layer_ = false;
  layer_->waiting_ = nullptr;
  ec_ = asio::error::operation_aborted;
  bytes_transferred_ = 0;
  return_now();
}

/// What it is for, if that can be done at once.
Reader::status Reader::try_now() {
  if (purpose_ == Purpose::Read) return read_now();
  if (purpose_ == Purpose::Watch) return look_now();
  return purpose_ == Purpose::None ? done : not_done;
}

Reader::status Reader::read_layer(std::span<char> space) {
  const auto got = layer_->read(space);
  if (got.error == asio::error::would_block) return not_done;
  ec_ = got.error;
  bytes_transferred_ = got.count;
  return got.drained ? done_and_exhausted : done;
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
  if (layer_ != nullptr) {
    const auto ended = read_layer(space);
    if (ended == not_done && lent) buffer_->release();
    return ended;
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
  if (layer_ != nullptr) {
    const auto seen = layer_->look();
    if (seen) event_ = *seen;
    return seen ? done : not_done;
  }
  char octet = 0;
  const auto count = ::recv(socket_->native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return not_done;
  event_ = count > 0 ? Event::Octets : Event::End;
  return done;
}

Reader::status Reader::do_perform(reactor_op* base) {
  auto& self = *static_cast<Reader*>(base);
  if (self.just_asked_) return not_done;
  // Ready: the kernel's word is all that is wanted. None: nobody wants it any more, and whoever
  // comes next asks the kernel.
  const auto ended = self.purpose_ == Purpose::Ready ? done : self.try_now();
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

void Layer::on_readable() {
  if (waiting_ != nullptr) waiting_->on_readable();
}

Timer& Layer::writable() { std::abort(); }

}  // namespace lb::net
