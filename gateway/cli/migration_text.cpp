#include "cli/migration_text.hpp"

#include "admin/views.hpp"
#include "cli/columns.hpp"
#include "cli/utf8.hpp"

#include <boost/json/array.hpp>

#include <string_view>

namespace adit::cli {

namespace {

namespace json = boost::json;
using source::ingress::migrated_object;
using source::ingress::migration_finding;
using source::ingress::migration_report;

constexpr std::size_t most_value = 40; // bytes of a value that are shown to people

// Objects hold whatever somebody wrote: control characters would be the terminal's to obey.
std::string plain(std::string_view text) {
    std::string out;
    for (const char c : clean_utf8(text)) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte < ' ' || byte == 127 ? ' ' : c;
    }
    return out;
}

std::string short_value(std::string_view value) {
    auto out = plain(value);
    if (out.size() <= most_value) return out;
    std::size_t end = most_value;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80) --end; // between characters
    return out.substr(0, end) + "…";
}

std::string place_text(const place& at) {
    auto out = plain(at.file);
    if (at.line > 0) out += ':' + std::to_string(at.line);
    return out;
}

std::string what_text(const migration_finding& one) {
    constexpr std::string_view usual_prefix = "nginx.ingress.kubernetes.io/"; // only in the way of readers
    auto out = plain(one.what);
    if (out.starts_with(usual_prefix)) out.erase(0, usual_prefix.size());
    if (!one.value.empty()) out += ": " + short_value(one.value);
    return out;
}

std::string title_of(const migrated_object& one) {
    return one.kind + ' ' + plain(one.key);
}

std::string problem_text(const complaint& one) {
    return plain(to_text(one));
}

// "1 differs", "2 differ".
std::string counted(std::size_t number, const char* one, const char* many) {
    return std::to_string(number) + ' ' + (number == 1 ? one : many);
}

// Text in a cell of a table.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : plain(text)) {
        if (c == '|' || c == '<' || c == '\\' || c == '*' || c == '_' || c == '[') out += '\\';
        out += c;
    }
    return out;
}

// The same where backticks begin and end names.
std::string prose(std::string_view text) {
    std::string out;
    bool code = false;
    for (const char c : plain(text)) {
        if (c == '`') code = !code;
        if (c == '|' || (!code && (c == '<' || c == '*' || c == '_' || c == '['))) out += '\\';
        out += c;
    }
    return code ? out + '`' : out;
}

std::string code(std::string_view text) {
    auto out = plain(text);
    std::string safe;
    for (const char c : out) safe.append(c == '`' ? "'" : c == '|' ? "\\|" : std::string(1, c));
    return safe.empty() ? safe : '`' + safe + '`';
}

std::string_view state_word(const migrated_object& one) {
    return source::ingress::to_text(one.is());
}

void add_rows(const migrated_object& of, columns& rows) {
    for (const auto& one : of.findings) {
        const auto what = what_text(one);
        rows.add(
            {std::string(source::ingress::to_text(one.how)), what.empty() ? "-" : what, plain(one.detail)}
        );
        for (const auto& each : one.instead) rows.add({"", "  instead: " + plain(each)});
    }
}

std::string object_markdown(const migrated_object& one) {
    std::string out = "\n## " + cell(title_of(one)) + ": " + std::string(state_word(one)) + "\n\n";
    if (!one.at.file.empty()) out += code(place_text(one.at)) + "\n\n";
    if (!one.why_not.empty()) return out + prose(one.why_not) + ".\n";
    if (one.findings.empty()) return out + "Nothing to look at.\n";
    out += "| | | how |\n|---|---|---|\n";
    for (const auto& each : one.findings) {
        auto how = prose(each.detail);
        for (const auto& line : each.instead)
            how += (how.empty() ? "" : "<br>") + ("instead: " + prose(line));
        out += "| " + std::string(source::ingress::to_text(each.how)) + " | " + code(what_text(each)) +
               " | " + how + " |\n";
    }
    return out;
}

json::object to_json(const migration_finding& one) {
    json::object out{{"what", clean_utf8(one.what)}, {"status", source::ingress::to_text(one.how)}};
    if (!one.value.empty()) out["value"] = clean_utf8(one.value);
    if (!one.detail.empty()) out["detail"] = clean_utf8(one.detail);
    json::array instead;
    for (const auto& each : one.instead) instead.emplace_back(clean_utf8(each));
    if (!instead.empty()) out["instead"] = std::move(instead);
    if (one.at.line > 0) out["line"] = one.at.line;
    return out;
}

json::object to_json(const migrated_object& one) {
    json::object out{
        {"kind", one.kind},
        {"name", clean_utf8(one.key)},
        {"file", clean_utf8(one.at.file)},
        {"line", one.at.line},
        {"state", source::ingress::to_text(one.is())}};
    if (!one.why_not.empty()) out["why"] = clean_utf8(one.why_not);
    json::array findings;
    for (const auto& each : one.findings) findings.push_back(to_json(each));
    out["findings"] = std::move(findings);
    return out;
}

} // namespace

std::string migration_summary(const migration_report& report) {
    const auto count = report.ingresses();
    auto out = counted(count.ready + count.differ + count.blocked, "Ingress", "Ingresses") + ": " +
               std::to_string(count.ready) + " ready, " + counted(count.differ, "differs", "differ") + ", " +
               std::to_string(count.blocked) + " blocked";
    if (count.left_out > 0) out += "; " + std::to_string(count.left_out) + " left out";
    std::size_t errors = 0;
    for (const auto& one : report.problems)
        if (one.level == complaint::severity::error) ++errors;
    if (errors > 0) out += "; " + counted(errors, "thing", "things") + " could not be read";
    return out;
}

std::string migration_text(const migration_report& report) {
    std::string out;
    for (const auto& one : report.objects) {
        out += title_of(one) + ": " + std::string(state_word(one));
        if (!one.why_not.empty()) out += ": " + plain(one.why_not);
        if (const auto at = place_text(one.at); !at.empty()) out += "  (" + at + ')';
        columns rows(2);
        add_rows(one, rows);
        out += '\n' + rows.text();
    }
    for (const auto& one : report.problems) out += problem_text(one) + '\n';
    for (const auto& one : report.notes) out += "note: " + plain(one) + '\n';
    return out + migration_summary(report) + '\n';
}

std::string migration_markdown(const migration_report& report) {
    auto out = "# From ingress-nginx to Adit\n\n" + migration_summary(report) + ".\n";
    if (!report.notes.empty() || !report.problems.empty()) out += '\n';
    for (const auto& one : report.notes) out += "- " + prose(one) + '\n';
    for (const auto& one : report.problems) out += "- " + cell(problem_text(one)) + '\n';
    for (const auto& one : report.objects) out += object_markdown(one);
    return out;
}

json::object migration_json(const migration_report& report) {
    const auto count = report.ingresses();
    json::array objects, notes;
    for (const auto& one : report.objects) objects.push_back(to_json(one));
    for (const auto& one : report.notes) notes.emplace_back(clean_utf8(one));
    return {
        {"ready", report.ready()},
        {"ingresses",
         {{"ready", count.ready},
          {"differ", count.differ},
          {"blocked", count.blocked},
          {"left_out", count.left_out}}},
        {"objects", std::move(objects)},
        {"problems", admin::to_json(report.problems)},
        {"notes", std::move(notes)}};
}

} // namespace adit::cli
