#include "cli/demo/lines.hpp"

#include <cmath>
#include <cstdio>
#include <string_view>

namespace adit::cli {

namespace {

constexpr std::string_view usual_admin = "127.0.0.1:9090"; // what commands ask unless told otherwise

// As a POSIX shell wants it.
std::string in_quotes(std::string_view text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+";
    if (!text.empty() && text.find_first_not_of(plain) == text.npos) return std::string(text);
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out += '\'';
}

// What follows a command of ours so that it finds this gateway and is let in.
std::string access(const demo_facts& facts) {
    std::string out;
    if (facts.admin != usual_admin) out += " --admin " + facts.admin;
    if (!facts.token_file.empty()) out += " --token-file " + in_quotes(facts.token_file);
    return out;
}

std::string
curl(const std::string& token, std::string_view method, std::string_view body, const std::string& url) {
    std::string out = "curl";
    if (!method.empty()) out += " -X " + std::string(method);
    out += " -H \"Authorization: Bearer " + token + '"';
    if (!body.empty()) out += " -H 'Content-Type: application/json' -d '" + std::string(body) + '\'';
    return out += ' ' + url;
}

std::string decimal(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.15g", value);
    return text;
}

void add_places(std::vector<std::string>& out, const demo_facts& facts) {
    out.push_back("  app      http://" + facts.app + "/  (open it: every mark is one answer)");
    if (!facts.admin.empty())
        out.push_back(
            "  admin    http://" + facts.admin + "/api/v1/routes/default" +
            (facts.token.empty() ? "" : "  (Authorization: Bearer " + facts.token + ')')
        );
    const auto& metrics = facts.status.empty() ? facts.admin : facts.status;
    if (!metrics.empty()) out.push_back("  metrics  http://" + metrics + "/metrics");
}

// Inside the image there is no other program to ask with than the host's curl.
void add_curl_trials(std::vector<std::string>& out, const demo_facts& facts) {
    const auto api = "http://" + facts.admin + "/api/v1/";
    out.push_back("  " + weight_command(facts, true));
    out.push_back(
        "  " + curl(facts.token, "POST", "{\"url\": \"http://" + facts.app + "/color\"}", api + "explain")
    );
    out.push_back("  " + curl(facts.token, "DELETE", "", api + "routes/default/weights"));
}

void add_command_trials(std::vector<std::string>& out, const demo_facts& facts) {
    const auto program = "  " + in_quotes(facts.program);
    out.push_back("  " + weight_command(facts, true));
    out.push_back(program + " explain http://" + facts.app + "/color" + access(facts));
    out.push_back(program + " weight clear default" + access(facts));
}

} // namespace

std::string weight_command(const demo_facts& facts, bool show_token) {
    if (facts.token.empty())
        return in_quotes(facts.program) + " weight set default canary=50" + access(facts);
    return curl(
        show_token ? facts.token : "TOKEN", "PUT", "{\"canary\": 50}",
        "http://" + facts.admin + "/api/v1/routes/default/weights"
    );
}

std::vector<std::string> demo_lines(const demo_facts& facts) {
    std::vector<std::string> out;
    out.push_back(
        "Adit demo: v1 (blue, stable) and v2 (green, canary at " + facts.weight + " %) behind one gateway; " +
        std::to_string(facts.users) + " users send it " + decimal(facts.rate) + " requests a second."
    );
    add_places(out, facts);
    out.emplace_back("Try:");
    out.push_back("  curl -i http://" + facts.app + "/color");
    if (!facts.admin.empty())
        facts.token.empty() ? add_command_trials(out, facts) : add_curl_trials(out, facts);
    out.emplace_back("Ctrl-C ends it.");
    return out;
}

} // namespace adit::cli
