#include "core/complaint.hpp"

namespace adit {

std::string to_text(const complaint& one) {
    std::string out = one.at.file;
    if (one.at.line > 0) {
        out += ':' + std::to_string(one.at.line);
        if (one.at.column > 0) out += ':' + std::to_string(one.at.column);
    }
    if (!out.empty()) out += ": ";
    out += one.level == complaint::severity::error ? "error: " : "warning: ";
    if (!one.key.empty()) out += one.key + ": ";
    out += one.message;
    if (!one.hint.empty()) out += " (" + one.hint + ')';
    return out;
}

} // namespace adit
