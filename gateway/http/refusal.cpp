#include "http/refusal.hpp"

#include <array>

namespace adit::http {

namespace {

// In the order of the enumeration.
constexpr std::array<refusal_traits, refusal_count> table{{
    {"none", 0, false, ""},
    {"bad-request-line", 400, true, "The request line is not METHOD SP TARGET SP HTTP-VERSION."},
    {"bad-method", 400, true, "The method is not a token."},
    {"bad-target", 400, true, "The request target is not valid."},
    {"fragment-in-target", 400, true, "A request target has no fragment."},
    {"bad-version", 400, true, "The protocol version is not HTTP/DIGIT.DIGIT."},
    {"unsupported-version", 505, true, "Only HTTP/1.0 and HTTP/1.1 are spoken here."},
    {"bare-line-feed", 400, true, "A line ends without a carriage return."},
    {"bare-carriage-return", 400, true, "A carriage return stands alone."},
    {"control-character", 400, true, "The head has a control character."},
    {"folded-field", 400, true, "A field line begins with white space."},
    {"bad-field-name", 400, true, "A field name is not a token."},
    {"space-before-colon", 400, true, "There is white space between a field name and its colon."},
    {"missing-colon", 400, true, "A field line has no colon."},
    {"missing-host", 400, true, "An HTTP/1.1 request needs a Host field."},
    {"repeated-host", 400, true, "There is more than one Host field."},
    {"bad-host", 400, true, "The host is not valid."},
    {"bad-content-length", 400, true, "Content-Length is not one number of bytes."},
    {"length-and-encoding", 400, true, "Content-Length and Transfer-Encoding exclude each other."},
    {"bad-transfer-encoding", 501, true, "The only transfer coding understood is one chunked."},
    {"encoding-in-http10", 400, true, "HTTP/1.0 has no Transfer-Encoding."},
    {"bad-chunk", 400, true, "The chunked body is malformed."},
    {"chunk-overhead", 400, true, "The chunked body has more framing than data."},
    {"bad-trailer", 400, true, "The trailer section is malformed or too large."},
    {"bad-escape", 400, false, "The path has a malformed percent escape, or an encoded NUL."},
    {"method-not-allowed", 405, true, "CONNECT and TRACE are not served."},
    {"body-too-large", 413, true, "The request body is larger than is allowed here."},
    {"body-not-buffered", 413, true, "The request body is larger than this route holds in memory."},
    {"request-line-too-long", 414, true, "The request line is too long."},
    {"head-too-large", 431, true, "The request head is too large."},
    {"too-many-fields", 431, true, "The request head has too many fields."},
    {"misdirected", 421, false, "This connection was not made for this host."},
    {"client-certificate-missing", 400, true, "This host is only for clients that show a certificate."},
    {"client-certificate-invalid", 400, true, "The client's certificate is not accepted here."},
    {"plain-on-tls", 400, true, "Plain HTTP was spoken where TLS is expected; use https."},
    {"tls-handshake-failed", 0, true, "The TLS handshake failed."},
    {"bad-proxy-line", 0, true, "The PROXY line is malformed."},
    {"proxy-line-missing", 0, true, "The balancer sent no PROXY line."},
    {"proxy-line-untrusted", 0, true, "A PROXY line came from a peer that is no balancer."},
    {"access-denied", 403, false, "Requests from this address are not allowed here."},
    {"credentials-missing", 401, false, "A name and a password are asked for here."},
    {"credentials-wrong", 401, false, "The name or the password is wrong."},
    {"authentication-busy", 503, false, "Too many passwords are being checked."},
    {"rewrite-failed", 400, false, "The path could not be rewritten as the route asks."},
    {"rate-limited", 429, false, "Requests come faster than is allowed here."},
    {"concurrency-limited", 429, false, "More requests are under way than is allowed here."},
    {"tls-handshake-timeout", 0, true, "The TLS handshake did not end in time."},
    {"head-timeout", 408, true, "The request head did not arrive in time."},
    {"body-timeout", 408, true, "The request body stopped arriving."},
    {"body-too-slow", 408, true, "The request body arrived too slowly."},
    {"send-timeout", 0, true, "The client stopped reading."},
    {"send-too-slow", 0, true, "The client read too slowly."},
    {"client-gone", 0, true, "The client closed before it had its answer."},
    {"client-error", 0, true, "The client's connection broke."},
    {"no-route", 404, false, "No route matches this host and path."},
    {"no-endpoint", 503, false, "No endpoint is available for this route."},
    {"overloaded", 503, true, "The gateway is at its limit of connections."},
    {"overloaded-memory", 503, true, "The gateway is at its limit of memory."},
    {"overloaded-in-flight", 503, true, "The gateway is at its limit of requests under way."},
    {"overloaded-descriptors", 503, true, "The gateway is at its limit of open files."},
    {"endpoints-full", 503, false,
     "Every endpoint of this route is at its limit, and as many requests wait as may."},
    {"pending-timeout", 503, false, "No endpoint of this route had a place in time."},
    {"connect-failed", 502, false, "The upstream could not be reached."},
    {"connect-timeout", 504, false, "The upstream did not accept a connection in time."},
    {"upstream-tls", 502, false, "The upstream could not be reached over TLS, or is not who it should be."},
    {"upstream-tls-timeout", 504, false, "The upstream did not end the TLS handshake in time."},
    {"upstream-closed", 502, false, "The upstream closed the connection before it answered."},
    {"upstream-reset", 502, false, "The upstream reset the connection before it answered."},
    {"first-byte-timeout", 504, false, "The upstream did not answer in time."},
    {"attempt-timeout", 504, false, "The upstream did not answer within the time of one attempt."},
    {"response-timeout", 0, true, "The upstream stopped sending in the middle of its answer."},
    {"bad-response", 502, false, "The upstream's answer is not valid HTTP/1.1."},
    {"response-cut", 0, true, "The upstream's answer ended too early."},
    {"unwanted-upgrade", 502, false, "The upstream switched to a protocol that the client did not offer."},
    {"exchange-timeout", 504, true, "The exchange as a whole took too long."},
    {"tunnel-idle", 0, true, "The upgraded connection carried nothing for too long."},
    {"external-auth-unauthorized", 401, false, "The authorising service wants to know who asks."},
    {"external-auth-forbidden", 403, false, "The authorising service does not allow this."},
    {"external-auth-failed", 503, false, "The authorising service could not be asked."},
    {"internal-error", 500, true, "The gateway failed."},
}};

} // namespace

const refusal_traits& traits(refusal reason) noexcept {
    return table[static_cast<std::size_t>(reason)];
}

std::string_view status_phrase(unsigned status) noexcept {
    switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 102: return "Processing";
    case 103: return "Early Hints";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 208: return "Already Reported";
    case 226: return "IM Used";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 305: return "Use Proxy";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 424: return "Failed Dependency";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 451: return "Unavailable For Legal Reasons";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 506: return "Variant Also Negotiates";
    case 507: return "Insufficient Storage";
    case 508: return "Loop Detected";
    case 511: return "Network Authentication Required";
    default: return "";
    }
}

} // namespace adit::http
