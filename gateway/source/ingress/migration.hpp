// What becomes of a cluster's Ingresses when Adit serves them in the place of ingress-nginx: object by
// object, annotation by annotation, and whether they are ready.
#pragma once

#include "core/complaint.hpp"
#include "model/gateway.hpp"
#include "source/cluster/state.hpp"
#include "source/ingress/options.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source::ingress {

// The worst one last.
enum class verdict : std::uint8_t {
    supported,
    needless,   // it says what is so anyway, or nothing to ingress-nginx either
    note,       // as with ingress-nginx, but worth a look
    differs,    // `detail` says how
    unsupported // `detail` says why, `instead` what may do
};
std::string_view to_text(verdict how) noexcept;

struct migration_finding {
    verdict how = verdict::supported;
    std::string what;   // the annotation with its prefix, the key, "spec.tls[0]"; empty: the whole object
    std::string value;  // as written
    std::string detail; // one sentence, or more with semicolons; may be empty
    std::vector<std::string> instead{};
    place at{};
};

struct migrated_object {
    enum class state : std::uint8_t {
        ready,
        differs,
        blocked,
        left_out // `why_not`: another controller's
    };

    std::string kind, key; // "Ingress", "shop/store"
    place at{};
    std::string why_not{};
    std::vector<migration_finding> findings{}; // annotations and keys by name, the rest behind them

    state is() const;
};
std::string_view to_text(migrated_object::state is) noexcept;

struct migration_report {
    std::vector<migrated_object> objects; // ConfigMaps, then Ingresses; each by key
    complaints problems;                  // of what is not an object that could be named
    std::vector<std::string> notes;       // what was taken for granted

    struct count {
        std::size_t ready = 0, differ = 0, blocked = 0, left_out = 0;
    };
    count ingresses() const;
    // Nothing is unsupported, and everything could be read.
    bool ready() const;
};

// Takes routes out of a wish that cannot be served, and complains of them.
using trial = std::function<void(model::gateway&, complaints&)>;

// `unread`: what is wrong with objects that are not in `from`. The controller's ConfigMap is the one of the
// options, else the one whose name tells it. Kinds of which there is no object are taken for granted.
migration_report
judge_migration(cluster::state from, options by, const complaints& unread, const trial& try_out);

} // namespace adit::source::ingress
