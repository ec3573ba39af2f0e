#include "lb/filters/basic_auth.hpp"
#include "lb/filters/compression.hpp"
#include "lb/filters/error_pages.hpp"
#include "tests/unit/lb/filters/support.hpp"

#include <array>
#include <condition_variable>
#include <mutex>
#include <zlib.h>
#include <zstd.h>

using namespace lb::filters;

namespace {

constexpr std::array kOffered{Coding::Zstd, Coding::Brotli, Coding::Gzip};

std::string encoded(Encoder& encoder, std::string_view text, std::size_t piece, std::size_t room) {
  std::string out;
  std::string space(room, '\0');
  const auto put = [&](std::string_view input, Encoder::Until until) {
    for (bool done = false; !done;) {
      const auto step = encoder.put(input, space, until);
      REQUIRE((step.done || step.consumed > 0 || step.produced > 0));
      input.remove_prefix(step.consumed);
      out.append(space.data(), step.produced);
      done = step.done;
    }
    CHECK(input.empty());
  };
  for (std::size_t at = 0; at < text.size(); at += piece)
    put(text.substr(at, piece), at % 3 == 0 ? Encoder::Until::Flushed : Encoder::Until::Fed);
  put({}, Encoder::Until::Ended);
  return out;
}

std::string gunzipped(std::string_view text, std::size_t most) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
  std::string out(most + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string unzstd(std::string_view text, std::size_t most) {
  std::string out(most + 1, '\0');
  auto* stream = ZSTD_createDStream();
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  std::size_t left = 1;
  while (in.pos < in.size && left != 0) {
    left = ZSTD_decompressStream(stream, &to, &in);
    REQUIRE(ZSTD_isError(left) == 0);
  }
  CHECK(left == 0);
  ZSTD_freeDStream(stream);
  out.resize(to.pos);
  return out;
}

/// What the filter makes of an answer of 2000 octets.
struct Made {
  std::string coding, etag, vary, length;
};
Made compressed(lb::http::Fields request, lb::http::Fields answer, CompressionOptions options = {},
                unsigned status = 200) {
  Walk walk{"/", std::move(request)};
  walk.with<Compression>(options);
  CHECK(walk.passes());
  answer.push_back({"Content-Length", "2000"});
  const auto out = walk.answered(std::move(answer), status).fields;
  const auto coding = lines(out, "Content-Encoding");
  return {coding, lines(out, "ETag"), lines(out, "Vary"), lines(out, "Content-Length")};
}

const lb::http::Fields kGzip{{"Accept-Encoding", "gzip"}};
const lb::http::Fields kHtml{{"Content-Type", "text/html; charset=utf-8"}};

lb::http::Fields with(lb::http::Fields fields, std::string_view name, std::string_view value) {
  fields.push_back({name, value});
  return fields;
}

// `secret`, each at its least cost.
constexpr const char* kBcrypt = "$2b$04$q/w35Py9V8DobO7coQASpezbPv3guheJFwR/dDsSK6uVWi5HiOjqa";
constexpr const char* kShaCrypt =
    "$6$rounds=1000$abcdefgh$nhYjN017qxiYztzyUpZtPnUQcnLy62KsunSL"
    "HNeLahp2EHPlAKmFFlrjEwSXGo2kgY5hR2.peKEg2VGUqIJJu1";
constexpr const char* kArgon =
    "$argon2id$v=19$m=8192,t=1,p=1$PiRPNI28Eiyx1q/XpYm49A$+oEJvEv"
    "NHJ+IFaY31VMNFequJzShz1svVF92Etm20pU";
const std::string kUsers = "# people\nkim:" + std::string{kBcrypt} + "\n";

}  // namespace

TEST_CASE("The coding a client wants most is chosen", "[lb][filters][rfc9110-12.5.3]") {
  const std::array<std::pair<const char*, Coding>, 16> rows{{
      {"gzip", Coding::Gzip},
      {"gzip, br", Coding::Brotli},
      {"gzip, deflate, br, zstd", Coding::Zstd},
      {"GZIP;Q=1", Coding::Gzip},
      {"br;q=0.5, gzip;q=0.8", Coding::Gzip},
      {"br;q=0, gzip", Coding::Gzip},
      {"*", Coding::Zstd},
      {"*;q=0", Coding::Identity},
      {"zstd;q=0, *", Coding::Brotli},
      {"identity", Coding::Identity},
      {"gzip;q=0.5, identity", Coding::Identity},
      {"gzip;q=0", Coding::Identity},
      {"", Coding::Identity},
      {"deflate", Coding::Identity},
      {"gzip;q=2", Coding::Identity},
      {"gzip;level=9", Coding::Identity},
  }};
  for (const auto& [accepted, coding] : rows) {
    INFO(accepted);
    CHECK(choose_coding({{"accept-encoding", accepted}}, kOffered) == coding);
  }
  CHECK(choose_coding({}, kOffered) == Coding::Identity);
  CHECK(choose_coding({{"Accept-Encoding", "gzip"}, {"Accept-Encoding", "br"}}, kOffered) ==
        Coding::Brotli);
}

TEST_CASE("What comes out of a coding is what went in, however it is cut", "[lb][filters]") {
  std::string text;
  for (int i = 0; text.size() < 200'000; ++i) text += std::to_string(i * 7919) + " words ";
  for (const std::size_t piece : {1000U, 16'384U, 300'000U}) {
    for (const std::size_t room : {100U, 16'384U}) {
      INFO(piece << ' ' << room);
      CHECK(gunzipped(encoded(*make_encoder(Coding::Gzip, 4), text, piece, room), text.size()) ==
            text);
      CHECK(unzstd(encoded(*make_encoder(Coding::Zstd, 4), text, piece, room), text.size()) ==
            text);
      CHECK(encoded(*make_encoder(Coding::Brotli, 4), text, piece, room).size() < text.size() / 2);
    }
  }
  CHECK(gunzipped(encoded(*make_encoder(Coding::Gzip, 4), "", 1, 100), 10).empty());
  CHECK(unzstd(encoded(*make_encoder(Coding::Zstd, 4), "", 1, 100), 10).empty());
}

TEST_CASE("A flush lets the client see all that was put in", "[lb][filters]") {
  auto encoder = make_encoder(Coding::Gzip, 4);
  std::string space(1000, '\0');
  const auto step = encoder->put("data: 1\n\n", space, Encoder::Until::Flushed);
  CHECK(step.done);
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
  std::string out(100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(space.data());
  stream.avail_in = static_cast<uInt>(step.produced);
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = 100;
  inflate(&stream, Z_SYNC_FLUSH);
  CHECK(out.substr(0, stream.total_out) == "data: 1\n\n");
  inflateEnd(&stream);
  CHECK(encoder->put({}, space, Encoder::Until::Flushed).produced == 0);
}

TEST_CASE("An answer in a coding says so, and nothing that is no longer true", "[lb][filters]") {
  const auto made = compressed(kGzip, with(kHtml, "ETag", "\"1\""));
  CHECK(made.coding == "gzip");
  CHECK(made.etag == "W/\"1\"");
  CHECK(made.vary == "Accept-Encoding");
  CHECK(made.length.empty());
  CHECK(compressed(kGzip, with(kHtml, "ETag", "W/\"1\"")).etag == "W/\"1\"");
}

TEST_CASE("An answer to HEAD says what that to GET would, and no length it would not have",
          "[lb][filters][rfc9110-8.6]") {
  Walk walk{"/", kGzip, "HEAD"};
  walk.with<Compression>(CompressionOptions{});
  CHECK(walk.passes());
  const auto out =
      walk.answered(with(with(kHtml, "ETag", "\"1\""), "Content-Length", "2000")).fields;
  CHECK(lines(out, "Content-Encoding") == "gzip");
  CHECK(lines(out, "ETag") == "W/\"1\"");
  CHECK(lines(out, "Content-Length").empty());
  CHECK(walk.passage->encoder() == nullptr);
}

TEST_CASE("What must not be compressed is not", "[lb][filters]") {
  CHECK(compressed({}, kHtml).coding.empty());
  CHECK(compressed({}, kHtml).vary == "Accept-Encoding");
  CHECK(compressed(kGzip, {{"Content-Type", "image/png"}}).coding.empty());
  CHECK(compressed(kGzip, {{"Content-Type", "image/png"}}).vary.empty());
  CHECK(compressed(kGzip, {}).coding.empty());
  CHECK(compressed(kGzip, with(kHtml, "Content-Encoding", "x")).coding == "x");
  CHECK(compressed(kGzip, with(kHtml, "Content-Range", "bytes 0-1/3"), {}, 206).coding.empty());
  CHECK(compressed(kGzip, with(kHtml, "Cache-Control", "no-transform")).coding.empty());
  CHECK(compressed(kGzip, kHtml, {}, 304).coding.empty());
  CompressionOptions large;
  large.min_size = 2001;
  CHECK(compressed(kGzip, kHtml, large).coding.empty());
  CompressionOptions none;
  none.streams = 0;
  const auto made = compressed(kGzip, with(kHtml, "ETag", "\"1\""), none);
  CHECK(made.coding.empty());
  CHECK(made.etag == "\"1\"");
}

TEST_CASE("Security 34: what a client gets for being who it is stays plain, unless told",
          "[lb][filters]") {
  CompressionOptions told;
  told.credentials = true;
  for (const auto* name : {"Cookie", "Authorization"}) {
    CHECK(compressed(with(kGzip, name, "x=y"), kHtml).coding.empty());
    CHECK(compressed(with(kGzip, name, "x=y"), kHtml, told).coding == "gzip");
  }
  CHECK(compressed(kGzip, with(kHtml, "Set-Cookie", "x=y")).coding.empty());
}

TEST_CASE("Password files are read strictly", "[lb][filters]") {
  const auto fault = [](std::string_view text) {
    const auto parsed = PasswordFile::parse(text);
    const auto* found = std::get_if<PasswordFault>(&parsed);
    return found != nullptr ? std::to_string(found->line) + ": " + found->wrong : "";
  };
  CHECK(fault(kUsers).empty());
  CHECK(fault("") == "1: there is no user");
  CHECK(fault("kim\n") == "1: this is no user");
  CHECK(fault("\n:x\n") == "2: this is no user");
  CHECK(fault("kim:secret\n") == "1: this kind of hash is not taken");
  CHECK(fault("kim:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n") == "1: this kind of hash is not taken");
  CHECK(fault("kim:$apr1$x$y\n") == "1: this kind of hash is not taken");
  CHECK(fault(kUsers + kUsers) == "4: this user stands there twice");
  CHECK(fault("kim:$2y$20$abcdefghijklmnopqrstuu5Lv9jBzWVJAVjkRPgCwBLbZPZgCVPnC") ==
        "1: it takes too long");
  CHECK(fault("kim:$argon2id$v=19$m=9999999,t=3,p=1$x$y") == "1: it takes too much memory");
}

TEST_CASE("Credentials are of the Basic scheme, whole and without NUL", "[lb][filters][rfc7617]") {
  const auto parsed = parse_basic("basic a2ltOnNlOmNyZXQ=");
  REQUIRE(parsed);
  CHECK(parsed->user == "kim");
  CHECK(parsed->password == "se:cret");
  for (const auto* text : {"", "Basic", "Basic ", "Bearer a2ltOng=", "Basic a2lt", "Basic !!!!",
                           "Basic a2ltOng", "Basic OnNlY3JldA==", "Basic a2ltOgBz"})
    CHECK_FALSE(parse_basic(text));
}

TEST_CASE("Of two credentials nobody knows which the endpoint believes", "[lb][filters]") {
  Walk walk{"/",
            {{"Authorization", "Basic a2ltOnNlY3JldA=="}, {"Authorization", "Basic cm9vdDp4"}}};
  walk.with<BasicAuth>(BasicAuthOptions{}, std::get<PasswordFile>(PasswordFile::parse(kUsers)));
  CHECK(walk.answer().status == 401);
}

TEST_CASE("A password is verified on another thread once, then remembered", "[lb][filters]") {
  auto users = PasswordFile::parse("kim:" + std::string{kShaCrypt});
  Walk walk{"/", {{"Authorization", "Basic a2ltOndyb25n"}}};
  BasicAuthOptions options;
  options.user_field = "X-User";
  options.forward = false;
  walk.with<BasicAuth>(options, std::get<PasswordFile>(users));
  REQUIRE(walk.go() == Next::Verify);
  std::mutex mutex;
  std::condition_variable wake;
  std::optional<bool> right;
  walk.passage->verification()->start([&](bool is_right) {
    const std::lock_guard lock{mutex};
    right = is_right;
    wake.notify_one();
  });
  std::unique_lock lock{mutex};
  REQUIRE(wake.wait_for(lock, std::chrono::seconds{10}, [&] { return right.has_value(); }));
  CHECK_FALSE(*right);
  CHECK(walk.passage->on_verified(*right, walk.request()) == Next::Answer);
  CHECK(walk.passage->answer().status == 401);
  CHECK(lines(walk.passage->answer().fields, "WWW-Authenticate") ==
        "Basic realm=\"restricted\", charset=\"UTF-8\"");
  walk.now = common::Clock::now();
  CHECK(walk.go() == Next::Answer);  // remembered
  REQUIRE(walk.go() != Next::Verify);
  walk.now += std::chrono::minutes{1};
  REQUIRE(walk.go() == Next::Verify);
  CHECK(walk.passage->on_verified(true, walk.request()) == Next::Pass);
  auto changed = walk.head;
  walk.passage->edit(changed);
  CHECK(lines(changed.fields, "X-User") == "kim");
  CHECK(lines(changed.fields, "Authorization").empty());
}

TEST_CASE("Passwords are verified by every kind of hash that is taken", "[lb][filters]") {
  for (const auto* hash : {kBcrypt, kShaCrypt, kArgon}) {
    CHECK(verify_password(hash, "secret"));
    CHECK_FALSE(verify_password(hash, "Secret"));
    CHECK_FALSE(verify_password(hash, ""));
  }
  CHECK_FALSE(verify_password("$6$saltstring$x", "secret"));
  CHECK(verify_password("*0", "secret") == false);
  CHECK(verify_password("", "") == false);
}

TEST_CASE("Error pages escape for what they stand in", "[lb][filters]") {
  using Form = ErrorPage::Form;
  ErrorPages pages;
  pages.add(503, Form::Html,
            *ErrorPage::parse(Form::Html, "<b>${status}</b> ${detail} ${request_id}"));
  pages.add(5, Form::Html, *ErrorPage::parse(Form::Html, "class"));
  pages.add(5, Form::Json, *ErrorPage::parse(Form::Json, R"({"d":"${detail}","c":"${code}"})"));
  const ErrorFacts facts{503, "Service Unavailable", "a \"<b>\" & c", "busy", "x-1"};
  CHECK(pages.render(Form::Html, facts) == "<b>503</b> a &quot;&lt;b&gt;&quot; &amp; c x-1");
  CHECK(pages.render(Form::Json, facts) == R"({"d":"a \"<b>\" & c","c":"busy"})");
  CHECK(pages.render(Form::Html, {502, "", "", "", ""}) == "class");
  CHECK_FALSE(pages.render(Form::Html, {404, "", "", "", ""}));
  CHECK_FALSE(ErrorPage::parse(Form::Html, "${nobody}").has_value());
  CHECK_FALSE(ErrorPage::parse(Form::Html, "${status").has_value());
}
