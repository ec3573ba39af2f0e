#include "lb/filters/compression.hpp"

#include "lb/filters/field_edits.hpp"
#include "lb/http/characters.hpp"
#include "lb/http/status.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace lb::filters {
namespace {

constexpr std::uint64_t kPrivate = 0x100;  // of a note: the client has shown who it is

const http::Field* find(const http::Fields& fields, std::string_view lower) {
  for (const auto& field : fields)
    if (!field.connection_specific && http::equals_lower(field.name, lower)) return &field;
  return nullptr;
}

bool has_member(const http::Fields& fields, std::string_view name, std::string_view wanted) {
  bool found = false;
  for (const auto& field : fields)
    if (http::equals_lower(field.name, name))
      http::for_each_member(field.value, [&](std::string_view member) {
        found = found || http::equals_lower(member, wanted);
      });
  return found;
}

std::uint64_t length_of(const http::Fields& fields) {
  const auto* length = http::find(fields, http::FieldId::ContentLength);
  std::uint64_t octets = UINT64_MAX;
  if (length != nullptr)
    std::from_chars(length->value.data(), length->value.data() + length->value.size(), octets);
  return octets;
}

/// Counts a stream as long as it runs.
class CountedEncoder final : public Encoder {
 public:
  CountedEncoder(std::unique_ptr<Encoder> encoder,
                 std::shared_ptr<std::atomic<std::uint32_t>> running)
      : encoder_{std::move(encoder)}, running_{std::move(running)} {}
  CountedEncoder(const CountedEncoder&) = delete;
  CountedEncoder& operator=(const CountedEncoder&) = delete;
  ~CountedEncoder() override { running_->fetch_sub(1); }
  Step put(std::string_view input, std::span<char> output, Until until) override {
    return encoder_->put(input, output, until);
  }

 private:
  std::unique_ptr<Encoder> encoder_;
  std::shared_ptr<std::atomic<std::uint32_t>> running_;
};

}  // namespace

Next Compression::on_request(const Request& request, Passage& passage) const {
  const auto& fields = request.head.fields;
  const auto coding = choose_coding(fields, options_.codings);
  const bool is_private = http::find(fields, http::FieldId::Cookie) != nullptr ||
                          http::find(fields, http::FieldId::Authorization) != nullptr;
  passage.note(*this, static_cast<std::uint64_t>(coding) | (is_private ? kPrivate : 0));
  return Next::Pass;
}

bool Compression::is_listed(std::string_view value) const {
  const auto type = http::trim(value.substr(0, value.find(';')));
  return std::ranges::any_of(
      options_.types, [type](const auto& listed) { return http::equals_lower(type, listed); });
}

std::unique_ptr<Encoder> Compression::begin(Coding coding) const {
  if (running_->fetch_add(1) < options_.streams)
    if (auto encoder = make_encoder(coding, options_.level))
      return std::make_unique<CountedEncoder>(std::move(encoder), running_);
  running_->fetch_sub(1);
  return nullptr;
}

void Compression::on_response(Response& response, Passage& passage) const {
  auto& head = response.head;
  auto& fields = head.fields;
  const auto* type = find(fields, "content-type");
  if (response.is_own || passage.encoder() != nullptr || type == nullptr || !is_listed(type->value))
    return;
  // What others may get of this resource depends on what they accept, whatever this client gets.
  if (!has_member(fields, "vary", "accept-encoding")) fields.push_back({"Vary", "Accept-Encoding"});
  const auto noted = passage.noted(*this);
  const auto coding = static_cast<Coding>(noted & 0xFFU);
  if (coding == Coding::Identity || response.minor_version == 0) return;
  if (!response.has_content && !response.of_head) return;
  if (head.status == 206 || http::is_without_content(head.status)) return;
  if (length_of(fields) < options_.min_size) return;
  if (find(fields, "content-encoding") != nullptr || find(fields, "content-range") != nullptr ||
      has_member(fields, "cache-control", "no-transform"))
    return;
  const bool is_private =
      (noted & kPrivate) != 0 || http::find(fields, http::FieldId::SetCookie) != nullptr;
  if (is_private && !options_.credentials) return;
  if (!response.of_head) {  // RFC 9110 §8.6: whose length would be another than the endpoint's
    auto encoder = begin(coding);
    if (!encoder) return;
    passage.encode(std::move(encoder));
  }

  // RFC 9110 §8.8.3.3: not octet for octet the same any more. RFC 9530: nor are digests true.
  for (auto& field : fields)
    if (http::equals_lower(field.name, "etag") && !field.value.starts_with("W/"))
      field.value = passage.keep("W/" + std::string{field.value});
  static constexpr std::array kUntrue{"accept-ranges",  "content-md5", "digest",
                                      "content-digest", "repr-digest", "content-length"};
  for (const auto* name : kUntrue) take_away(fields, name);
  fields.push_back({"Content-Encoding", name_of(coding)});
}

}  // namespace lb::filters
