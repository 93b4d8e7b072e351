// Compression of a response's body. Each read is coded and flushed by itself, so what the upstream has said
// reaches the client at once, and no more is held than one read and the encoder's window.
#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"

namespace adit::proxy {

policy::compression::decision exchange::begin_compression(http::response_frame& frame) {
    const auto& wish = *route_->compression;
    auto what = wish.decide(head_, response_, frame);
    if (what.coding == policy::content_coding::identity) return what;
    auto& all = worker_.compressors;
    if (all.in_use() == compressor::most) {
        worker_.counters().compression_skipped.add();
        what.coding = policy::content_coding::identity;
        return what;
    }
    compressor_ = &all.take(worker_.blocks.block_size());
    if (!compressor_->encoder.begin(what.coding, wish.level(), frame.has_length ? frame.length : 0)) {
        drop_compressor();
        what.coding = policy::content_coding::identity;
        return what;
    }
    worker_.counters().compressed.add();
    frame.has_length = false;
    policy::compression::rewrite(response_, what);
    return what;
}

// Puts the coded bytes in the place of `payload`.
bool exchange::compress(std::string_view& payload, bool last) {
    auto& room = compressor_->room;
    const auto made = compressor_->encoder.write(payload, last, {room.get(), compressor_->room_size});
    if (!made) return false;
    worker_.counters().compressed_in.add(payload.size());
    worker_.counters().compressed_out.add(*made);
    payload = {room.get(), *made};
    return true;
}

void exchange::drop_compressor() noexcept {
    worker_.compressors.give_back(*std::exchange(compressor_, nullptr));
}

} // namespace adit::proxy
