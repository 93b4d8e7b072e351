// What the wire costs for one browser-sized request: reading its head, deciding what it is, writing the head
// that goes to the upstream.
#include "http/scanner.hpp"
#include "http/chunked.hpp"
#include "http/framing.hpp"
#include "http/hop_by_hop.hpp"
#include "http/writer.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace adit::http;

// What a browser sends for a page of a shop.
const std::string browser =
    "GET /1k HTTP/1.1\r\n"
    "Host: 127.0.0.1:18080\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://shop.example.com/catalogue/shoes?page=3\r\n"
    "Cookie: session=4f1c2d9e7ab34f6f8d3b9e0c1a2b3c4d; _ga=GA1.2.1234567890.1700000000; canary=never; "
    "theme=dark; cart=eyJpZCI6MTIzfQ\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Priority: u=0, i\r\n"
    "X-Trace-Id: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
    "\r\n";
const std::string tiny = "GET /1k HTTP/1.1\r\nHost: 127.0.0.1:18080\r\n\r\n";
const std::string answer =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    "Content-Type: text/plain\r\nContent-Length: 1024\r\nConnection: keep-alive\r\n"
    "ETag: \"64b1f0a2-400\"\r\nAccept-Ranges: bytes\r\n\r\n";

void scan_request(benchmark::State& state, const std::string& bytes) {
    request_head head;
    for (auto _ : state) {
        head.reset();
        head_scanner scanner;
        if (scanner.scan(head, bytes, head_limits{}) != progress::done) state.SkipWithError("refused");
        benchmark::DoNotOptimize(head);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK_CAPTURE(scan_request, browser, browser);
BENCHMARK_CAPTURE(scan_request, tiny, tiny);

void scan_response(benchmark::State& state) {
    response_head head;
    for (auto _ : state) {
        head.reset();
        head_scanner scanner;
        if (scanner.scan(head, answer, head_limits{}) != progress::done) state.SkipWithError("refused");
        benchmark::DoNotOptimize(head);
    }
}
BENCHMARK(scan_response);

template <class Work>
void with_browser_head(benchmark::State& state, Work work) {
    request_head head;
    head.reset();
    head_scanner scanner;
    if (scanner.scan(head, browser, head_limits{}) != progress::done) state.SkipWithError("refused");
    for (auto _ : state) {
        work(head);
        benchmark::ClobberMemory();
    }
}

void decide(benchmark::State& state) {
    with_browser_head(state, [](request_head& head) {
        benchmark::DoNotOptimize(check_request(head));
        benchmark::DoNotOptimize(request_framing(head));
        benchmark::DoNotOptimize(mark_hop_by_hop(head));
    });
}
BENCHMARK(decide);

void write_upstream_head(benchmark::State& state) {
    char memory[4096];
    with_browser_head(state, [&](request_head& head) {
        writer out{memory, sizeof memory};
        out << head.method_text() << " " << head.target() << " HTTP/1.1\r\n";
        out.kept_fields(head);
        out.line("X-Forwarded-For", "192.0.2.1").line("X-Forwarded-Proto", "http");
        out.line("X-Forwarded-Host", head.authority()).line("X-Forwarded-Port", "8080");
        out.line("X-Request-ID", "4f1c2d9e7ab34f6f8d3b9e0c1a2b3c4d") << "\r\n";
        benchmark::DoNotOptimize(out.text());
    });
}
BENCHMARK(write_upstream_head);

// The dearest Connection field that fits into a head: every option is compared with every field.
void nominations(benchmark::State& state) {
    std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 126; ++i) bytes += "z: 1\r\n";
    bytes += "Connection: ";
    while (bytes.size() < 32'700) bytes += "y,";
    bytes += "y\r\n\r\n";
    request_head head;
    head.reset();
    head_scanner scanner;
    if (scanner.scan(head, bytes, head_limits{}) != progress::done) state.SkipWithError("refused");
    for (auto _ : state) benchmark::DoNotOptimize(mark_hop_by_hop(head));
}
BENCHMARK(nominations);

void decode_chunks(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    char line[32];
    std::snprintf(line, sizeof line, "%zx\r\n", size);
    std::string coded;
    while (coded.size() < 16'384) coded += line + std::string(size, 'x') + "\r\n";
    std::string bytes = coded;
    chunk_decoder decoder;
    for (auto _ : state) {
        bytes = coded; // it is compacted in place
        decoder.reset();
        if (decoder.decode(bytes.data(), bytes.size()).reason != refusal::none)
            state.SkipWithError("refused");
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * coded.size()));
}
BENCHMARK(decode_chunks)->Arg(1)->Arg(64)->Arg(4096);

void reset_chunk_decoder(benchmark::State& state) {
    chunk_decoder decoder;
    for (auto _ : state) {
        decoder.reset();
        benchmark::DoNotOptimize(decoder);
    }
}
BENCHMARK(reset_chunk_decoder);

} // namespace
