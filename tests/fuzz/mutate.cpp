// Runs by itself for a bounded time: good and nearly good messages, mutated at random from a seed, and each
// result compared with the reference. Usage: fuzz_http [SEED [MILLISECONDS]]. Exit code 1 and the input where
// something is wrong; the same seed makes the same inputs.
#include "fuzz/properties.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <random>
#include <string>

namespace {

using namespace std::string_literals;

const std::string requests[] = {
    "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "\r\nPOST /a?b=c HTTP/1.1\r\nHost: a.test:80\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello",
    "GET http://b.test/p HTTP/1.0\r\nHost: [::1]\r\nCookie: a=1; b=2\r\nConnection: close, "
    "X-One\r\nX-One:1\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nhost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nUpgrade: "
    "websocket\r\n\r\n0\r\n\r\n",
    "PATCH /%e4?# HTTP/1.1\r\nHost:\t a%20 \t\r\nAccept: application/json;q=0.0, */*\r\nEmpty:\r\nB: "
    "\xff\r\n\r\n",
};
const std::string responses[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\nhi",
    "HTTP/1.0 304\r\nConnection: Keep-Alive, Server\r\nServer: s\r\nTransfer-Encoding: gzip\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
};
const std::string bodies[] = {
    "5\r\nhello\r\n0\r\n\r\n",
    "a ; b = \"c\\\"d;\" ;e\r\n0123456789\r\n1\r\nx\r\n000;f\r\nX: y\r\nContent-Length: 5\r\nSum: "
    "z\r\n\r\nGET /",
};
// What is spliced in: what has broken parsers before.
const std::string scraps[] = {
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    "\r\n ",
    "\r\n\t",
    " ",
    "\t",
    ":",
    ",",
    ";",
    "\"",
    "\\",
    "\0"s,
    "\x7f",
    "\x0b",
    "\x80",
    "#",
    "?",
    "*",
    "//",
    "http://",
    "https://",
    "@",
    "[",
    "]",
    "%",
    "%2",
    "Host: b\r\n",
    "Host:\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 6\r\n",
    "Content-Length: 18446744073709551616\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding:\r\n chunked\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Connection: Host, content-length, X-A\r\nX-A: 1\r\n",
    "X_Y: 1\r\n",
    ": 1\r\n",
    "HTTP/1.1",
    "HTTP/1.0",
    "HTTP/2.0",
    "0\r\n\r\n",
    "0",
    "ffffffffffffffff\r\n",
    "fffffffffffffff\r\n",
    "1\r\na\r\n",
    ";a=\"\r\n\"",
    "-",
    "+1",
    "0x1",
};

using source = std::mt19937;

std::size_t below(source& random, std::size_t bound) {
    return bound ? random() % bound : 0;
}

template <std::size_t N>
const std::string& any(source& random, const std::string (&from)[N]) {
    return from[below(random, N)];
}

const std::string& seed_text(source& random) {
    switch (below(random, 4)) {
    case 0: return any(random, responses);
    case 1: return any(random, bodies);
    default: return any(random, requests);
    }
}

void mutate(source& random, std::string& text) {
    const auto at = below(random, text.size() + 1);
    const auto size = below(random, std::min<std::size_t>(text.size() - at, 24) + 1);
    switch (below(random, 8)) {
    case 0:
        if (at < text.size()) text[at] = static_cast<char>(random());
        break;
    case 1:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ 1 << below(random, 8));
        break;
    case 2: text.erase(at, size); break;
    case 3: text.insert(at, text.substr(at, size)); break;
    case 4: text.resize(at); break;
    case 5: { // a piece of another message
        const auto& other = seed_text(random);
        const auto from = below(random, other.size());
        text.insert(at, other.substr(from, below(random, 40)));
        break;
    }
    default: text.insert(at, any(random, scraps)); break;
    }
}

std::string spell(const std::string& text) {
    std::string out = "\"";
    char code[8];
    for (const char c : text) {
        if (c == '\r')
            out += "\\r";
        else if (c == '\n')
            out += "\\n";
        else if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (c >= ' ' && c < 0x7f)
            out += c;
        else {
            std::snprintf(code, sizeof code, "\\%03o", static_cast<unsigned char>(c));
            out += code;
        }
    }
    return out + "\"";
}

} // namespace

int main(int argc, char** argv) {
    const auto seed = static_cast<source::result_type>(argc > 1 ? std::strtoul(argv[1], nullptr, 0) : 9112);
    const std::chrono::milliseconds bound{argc > 2 ? std::strtol(argv[2], nullptr, 0) : 2'000};
    source random{seed};
    const auto end = std::chrono::steady_clock::now() + bound;
    std::size_t count = 0;
    for (; count % 64 != 0 || std::chrono::steady_clock::now() < end; ++count) {
        auto text = seed_text(random);
        for (auto left = below(random, 5); left > 0; --left) mutate(random, text);
        const auto cut = static_cast<unsigned>(random());
        if (const auto wrong = adit::fuzz::check_all(text, cut); !wrong.empty()) {
            std::printf(
                "seed %lu, input %zu, cut %u: %s\n%s\n", static_cast<unsigned long>(seed), count, cut,
                wrong.c_str(), spell(text).c_str()
            );
            return 1;
        }
    }
    std::printf(
        "seed %lu: %zu inputs, none told apart from the reference\n", static_cast<unsigned long>(seed), count
    );
    return 0;
}
