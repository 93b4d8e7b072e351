#include "policy/encoder.hpp"

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace adit::policy {

namespace {

// Chunks that an encoder has given back and the next one asks for again, in much the same sizes.
class chunk_cache {
public:
    chunk_cache() { idle_.reserve(most_idle); }
    chunk_cache(const chunk_cache&) = delete;
    ~chunk_cache() {
        for (auto* one : idle_) std::free(one);
    }

    void* take(std::size_t size) noexcept {
        auto best = idle_.end();
        for (auto at = idle_.begin(); at != idle_.end(); ++at)
            if ((*at)->size >= size && (best == idle_.end() || (*at)->size < (*best)->size)) best = at;
        if (best != idle_.end() && (*best)->size <= 2 * size) {
            auto* one = *best;
            *best = idle_.back();
            idle_.pop_back();
            return one + 1;
        }
        auto* one = static_cast<chunk*>(std::malloc(sizeof(chunk) + size));
        if (!one) return nullptr;
        one->size = size;
        return one + 1;
    }

    void give_back(void* memory) noexcept {
        if (!memory) return;
        auto* one = static_cast<chunk*>(memory) - 1;
        if (idle_.size() == most_idle) {
            // The oldest: sizes change with what is compressed.
            std::free(idle_.front());
            idle_.erase(idle_.begin());
        }
        idle_.push_back(one);
    }

private:
    static constexpr std::size_t most_idle = 16; // chunks; an encoder holds fewer at one time
    struct alignas(std::max_align_t) chunk {
        std::size_t size;
    };

    std::vector<chunk*> idle_;
};

constexpr int gzip_window = 15 + 16; // 32 KiB, and the gzip format around it
constexpr int memory_level = 8;      // zlib's default
constexpr int smallest_window = 10;  // of br, as a power of two
constexpr int largest_window = 18;   // 256 KiB: more would cost each encoder megabytes for little

} // namespace

struct encoder::deflater {
    z_stream stream{};
    int level = 0; // 0: nothing initialised

    ~deflater() {
        if (level != 0) deflateEnd(&stream);
    }

    bool begin(int wanted) noexcept {
        if (level == wanted) return deflateReset(&stream) == Z_OK;
        if (level != 0) deflateEnd(&stream);
        level = 0;
        stream = {};
        if (deflateInit2(&stream, wanted, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
            return false;
        level = wanted;
        return true;
    }

    std::optional<std::size_t> write(std::string_view data, bool last, std::span<char> out) noexcept {
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
        stream.avail_in = static_cast<uInt>(data.size());
        stream.next_out = reinterpret_cast<Bytef*>(out.data());
        stream.avail_out = static_cast<uInt>(out.size());
        if (data.empty() && !last) return 0; // zlib takes a second flush for a mistake
        const int result = deflate(&stream, last ? Z_FINISH : Z_SYNC_FLUSH);
        // A full buffer may hide more.
        if (result != (last ? Z_STREAM_END : Z_OK) || stream.avail_in > 0 || stream.avail_out == 0)
            return std::nullopt;
        return out.size() - stream.avail_out;
    }
};

struct encoder::brotli {
    chunk_cache chunks;
    BrotliEncoderState* state = nullptr;

    ~brotli() { end(); }
    void end() noexcept {
        if (state) BrotliEncoderDestroyInstance(state);
        state = nullptr;
    }

    bool begin(std::uint32_t level, std::uint64_t size) noexcept {
        end();
        state = BrotliEncoderCreateInstance(
            [](void* self, std::size_t wanted) { return static_cast<chunk_cache*>(self)->take(wanted); },
            [](void* self, void* memory) { static_cast<chunk_cache*>(self)->give_back(memory); }, &chunks
        );
        if (!state) return false;
        int window = largest_window;
        if (size > 0)
            while (window > smallest_window && (std::uint64_t{1} << (window - 1)) >= size) --window;
        const auto set = [&](BrotliEncoderParameter what, std::uint64_t value) {
            BrotliEncoderSetParameter(state, what, static_cast<std::uint32_t>(value));
        };
        set(BROTLI_PARAM_QUALITY, level);
        set(BROTLI_PARAM_LGWIN, static_cast<std::uint64_t>(window));
        if (size > 0) set(BROTLI_PARAM_SIZE_HINT, std::min<std::uint64_t>(size, 1U << 30));
        return true;
    }

    std::optional<std::size_t> write(std::string_view data, bool last, std::span<char> out) noexcept {
        const auto* from = reinterpret_cast<const std::uint8_t*>(data.data());
        auto* to = reinterpret_cast<std::uint8_t*>(out.data());
        std::size_t left = data.size(), room = out.size();
        if (data.empty() && !last) return 0;
        do {
            if (!BrotliEncoderCompressStream(
                    state, last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_FLUSH, &left, &from, &room, &to,
                    nullptr
                ))
                return std::nullopt;
            if (room == 0) return std::nullopt;
        } while (left > 0 || BrotliEncoderHasMoreOutput(state));
        if (last) end(); // its memory is wanted by the next one
        return out.size() - room;
    }
};

encoder::encoder() = default;
encoder::~encoder() = default;

bool encoder::begin(content_coding coding, std::uint32_t level, std::uint64_t size) noexcept {
    coding_ = coding;
    if (coding == content_coding::gzip) {
        if (!deflater_) deflater_ = std::make_unique<deflater>();
        return deflater_->begin(static_cast<int>(level));
    }
    if (!brotli_) brotli_ = std::make_unique<brotli>();
    return brotli_->begin(level, size);
}

std::optional<std::size_t> encoder::write(std::string_view data, bool last, std::span<char> out) noexcept {
    return coding_ == content_coding::gzip ? deflater_->write(data, last, out)
                                           : brotli_->write(data, last, out);
}

} // namespace adit::policy
