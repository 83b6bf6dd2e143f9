// SPDX-License-Identifier: GPL-2.0-only
#include "byte_source.h"

#include <zlib.h>

#include <array>
#include <string_view>

#include "kairo/base/short_names.h"
#include "kairo/base/units.h"

namespace kairo::trace {

namespace {

class StreamSource : public ByteSource {
 public:
  explicit StreamSource(std::unique_ptr<std::istream> stream) : stream_(std::move(stream)) {}

  Result<std::size_t> read(char* to, std::size_t size) override {
    stream_->read(to, static_cast<std::streamsize>(size));
    if (stream_->bad()) return bad_input("reading failed (input/output error of the file system)");
    return static_cast<std::size_t>(stream_->gcount());
  }

 private:
  std::unique_ptr<std::istream> stream_;
};

// RFC 1952, any number of members after each other, as gzip and pigz write them.
class GzipSource : public ByteSource {
 public:
  GzipSource(std::unique_ptr<std::istream> stream, std::uint64_t most)
      : packed_(std::move(stream)), left_(most) {
    ready_ = inflateInit2(&zlib_, 15 + 16) == Z_OK;
  }
  ~GzipSource() override {
    if (ready_) inflateEnd(&zlib_);
  }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  Result<std::size_t> read(char* to, std::size_t size) override {
    if (!ready_) return bad_input("cannot be inflated (is memory short?)");
    zlib_.next_out = reinterpret_cast<Bytef*>(to);
    zlib_.avail_out = static_cast<uInt>(size);
    while (zlib_.avail_out == size && !ended_) {
      KAIRO_CHECK(inflate_some());
    }
    const std::size_t got = size - zlib_.avail_out;
    if (got > left_)
      return bad_input("holds more than {} when inflated (gunzip it and split it)",
                       base::format_bytes(most_));
    left_ -= got;
    return got;
  }

 private:
  base::Status inflate_some() {
    if (zlib_.avail_in == 0) {
      KAIRO_TRY(const auto got, packed_.read(buffer_.data(), buffer_.size()));
      zlib_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
      zlib_.avail_in = static_cast<uInt>(got);
      if (got == 0 && between_members_) {
        ended_ = true;
        return {};
      }
      if (got == 0)
        return bad_input("the gzip data ends before its end (was the file cut off? get it again)");
    }
    if (between_members_) {
      if (*zlib_.next_in == 0) {  // tapes pad with zeros
        ended_ = true;
        return {};
      }
      inflateReset(&zlib_);
      between_members_ = false;
    }
    const int result = inflate(&zlib_, Z_NO_FLUSH);
    if (result == Z_STREAM_END)
      between_members_ = true;
    else if (result != Z_OK && result != Z_BUF_ERROR)
      return bad_input("the gzip data is damaged: {} (get the file again)",
                       zlib_.msg != nullptr ? zlib_.msg : "no reason given");
    return {};
  }

  StreamSource packed_;
  std::uint64_t left_;
  std::uint64_t most_ = left_;
  z_stream zlib_ = {};
  std::array<char, 65536> buffer_ = {};
  bool ready_ = false;
  bool between_members_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> open_source(std::unique_ptr<std::istream> stream,
                                        std::uint64_t max_inflated) {
  std::array<char, 2> magic{};
  stream->read(magic.data(), magic.size());
  stream->clear();
  stream->seekg(0);
  if (std::string_view(magic.data(), magic.size()) == "\x1f\x8b")
    return std::make_unique<GzipSource>(std::move(stream), max_inflated);
  return std::make_unique<StreamSource>(std::move(stream));
}

}  // namespace kairo::trace
