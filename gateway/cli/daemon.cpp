#include "cli/daemon.hpp"

#include "admin/views.hpp"
#include "cli/command.hpp"
#include "cli/control_port.hpp"
#include "cli/ingress_source.hpp"
#include "cli/journal.hpp"
#include "cli/log_complaints.hpp"
#include "cli/pattern_check.hpp"
#include "cli/tls_loading.hpp"
#include "cli/version.hpp"
#include "cli/weights_document.hpp"
#include "core/log.hpp"
#include "source/file/load.hpp"
#include "source/file/read.hpp"

#include <boost/asio/post.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <set>

namespace adit::cli {

namespace {

constexpr std::string_view weights_document_name = "weights";
constexpr std::chrono::hours ticket_period{12}; // for which a key seals new session tickets
constexpr std::size_t tickets_kept = 3;         // keys; a session is resumed for a day and a half at most
constexpr std::chrono::minutes probe_memory{1}; // who has not asked /readyz for so long does not watch

boost::json::value to_json(const std::optional<net::tcp::endpoint>& one) {
    return one ? boost::json::value(to_text(*one)) : boost::json::value(nullptr);
}

boost::json::array to_json(const std::vector<net::tcp::endpoint>& all) {
    boost::json::array out;
    for (const auto& one : all) out.emplace_back(to_text(one));
    return out;
}

} // namespace

daemon::daemon(daemon_options options)
    : options_(std::move(options)), signals_(control_), ticket_timer_(control_) {}

daemon::~daemon() = default;

int daemon::run() {
    if (!prepare()) return 1;
    control_.run();
    return exit_code_;
}

bool daemon::prepare() {
    std::signal(SIGPIPE, SIG_IGN);
    take_signals();
    return inherit() && prepare_state() && first_wish() && open_addresses();
}

bool daemon::prepare_state() {
    if (!options_.state_directory.empty()) {
        std::string error;
        state_ = state_directory::open(options_.state_directory, error);
        if (!state_) return log_error(error), false;
    }
    complaints found;
    const auto keys = options_.keys_directory.empty()
                          ? standing_alone_keys(state_ ? &*state_ : nullptr, found)
                          : load_keys(options_.keys_directory, found);
    log_complaints(found);
    if (!keys) return false;
    if (!canary::prepare_cookies()) return log_error("libsodium cannot start"), false;
    auto cookies = std::make_shared<canary::cookie_keys>();
    for (const auto& one : keys->cookie) cookies->keys.push_back(one);
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    site_ = std::make_unique<cli::site>(
        control_, options_.workers ? options_.workers : cores, descriptors_.ceiling, std::move(cookies),
        std::make_shared<const net::tls_tickets>(keys->ticket), is_asked_for_tls()
    );
    journal_ = std::make_unique<cli::journal>(site_->fleet());
    ticket_keys_ = keys->ticket;
    if (options_.keys_directory.empty()) rotate_tickets();
    memory_ = std::make_unique<memory_watch>(control_, site_->fleet());
    site_->on_health = [this](const upstream::health_change& change) { tell_health(change); };
    const auto build = this_build();
    site_->gauges().version = build.version;
    site_->gauges().revision = build.revision;
    site_->gauges().compiler = build.compiler;
    if (!state_) return true;
    std::string error;
    const auto document = state_->read(weights_document_name, error);
    if (!document) return error.empty() ? true : (log_error(error), false);
    const auto state = read_weights_document(*document, error);
    // Better no start than canaries at weights that nobody wishes any more.
    if (!state) return log_error("cannot read the weights kept in " + state_->path() + ": " + error), false;
    site_->authority().restore(*state);
    site_->gauges().killed = !site_->authority().killed().empty();
    return true;
}

bool daemon::first_wish() {
    complaints found;
    const bool readable = options_.reads_objects() ? first_objects(found) : first_file(found);
    log_complaints(found);
    if (!readable) return false;
    site_->gauges().config_last_reload_success = std::chrono::system_clock::now();
    follow_certificates();
    watch_policy_files();
    if (has_errors(found)) return false;
    bounds_changed();
    return true;
}

// Without a file what is to be served is in the options.
bool daemon::first_file(complaints& found) {
    if (!options_.config_file.empty()) {
        auto reading = source::read_file(options_.config_file, &check_pattern);
        log_complaints(reading.problems);
        if (!reading.gateway) return false;
        seen_text_ = source::load(options_.config_file, source::max_file_size).value_or("");
        options_.wish = std::move(*reading.gateway);
        watch_ = std::make_unique<source::watch>(control_, options_.config_file, [this] {
            reload([](auto&, bool) {});
        });
    }
    overrule(options_.wish);
    if (journal_->prepare(options_.wish.access_log, found)) found = site_->apply(options_.wish);
    return true;
}

void daemon::overrule(model::gateway& wish) const {
    if (!options_.zone.empty()) wish.zone = options_.zone;
    if (options_.access_log.empty() && options_.access_log_format.empty()) return;
    if (!wish.access_log) wish.access_log.emplace();
    auto& log = *wish.access_log;
    if (!options_.access_log.empty()) log.path = options_.access_log;
    if (log.path.empty()) log.path = model::access_log::standard_output;
    if (const auto format = model::parse_layout(options_.access_log_format)) log.format = *format;
}

// Ceilings that the configuration has set anew.
void daemon::bounds_changed() {
    const auto& limits = site_->frame().limits;
    auto& gauges = site_->gauges();
    gauges.most_connections = limits.connections;
    gauges.most_in_flight = limits.in_flight;
    gauges.most_memory = limits.memory;
    gauges.most_descriptors = static_cast<std::uint64_t>(descriptors_.ceiling);
    memory_->ceiling(limits.memory);
    const auto needed = net::descriptors_for(limits.connections);
    if (limits.connections != 0 && needed > descriptors_.limit)
        log_warning(
            "limits.connections cannot be met: the process may not open so many files; raise the hard limit "
            "(ulimit -Hn, LimitNOFILE=)",
            {{"connections", limits.connections}, {"files", descriptors_.limit}, {"needed", needed}}
        );
}

admin::readiness_check daemon::ceilings() const {
    using state = admin::readiness_check::state;
    const auto& limits = site_->frame().limits;
    const auto& now = site_->fleet().pressure();
    const auto of = [](const std::string& used, const std::string& most, bool bounded) {
        return used + (bounded ? " of " + most : "");
    };
    std::string text = "connections " + of(std::to_string(now.connections.load(std::memory_order_relaxed)),
                                           std::to_string(limits.connections), limits.connections != 0);
    if (limits.in_flight != 0)
        text += ", in flight " + of(std::to_string(now.exchanges.load(std::memory_order_relaxed)),
                                    std::to_string(limits.in_flight), true);
    const auto mebibytes = [](std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; };
    text += ", memory " + of(mebibytes(memory_->resident()), mebibytes(limits.memory), limits.memory != 0);
    text += ", descriptors up to " + std::to_string(descriptors_.ceiling);
    return {"ceilings", memory_->shedding() ? state::degraded : state::ok, std::move(text)};
}

// The files that routes name are parts of the wish: when one changes, the wish is compiled again.
void daemon::watch_policy_files() {
    if (objects_) return; // they name none
    std::set<std::string> files;
    site_->for_each_route([&](const model::route& one) {
        if (const auto& auth = one.policies.basic_auth; auth && !auth->file.empty()) files.insert(auth->file);
    });
    std::erase_if(policy_files_, [&](const auto& one) { return !files.contains(one.first); });
    for (const auto& file : files) {
        auto& watch = policy_files_[file];
        if (!watch)
            watch =
                std::make_unique<source::watch>(control_, file, [this, file] { policy_file_changed(file); });
    }
}

void daemon::policy_file_changed(const std::string& file) {
    const auto found = site_->reapply();
    log_complaints(found);
    if (has_errors(found))
        log_error("what was in force stays", {{"file", file}});
    else
        log_info("file read again", {{"file", file}, {"generation", site_->current()->generation}});
}

bool daemon::open_addresses() {
    port_ = std::make_unique<control_port>(*this);
    departure_ = std::make_unique<departure>(control_, site_->fleet(), [this](const admin::event& what) {
        port_->tell(what);
    });
    admin::server_options settings;
    settings.token_file = options_.admin_token_file;
    settings.audit = [this](const admin::audit_record& record) { audit(record); };
    settings.complain = [](const std::string& warning) { log_warning(warning); };
    if (!may_open_admin()) return false;
    try {
        server_ = std::make_unique<admin::server>(control_, *port_, std::move(settings));
        admin_bound_ = open_api(options_.admin, admin::role::admin, listen_for::admin);
        status_bound_ = open_api(options_.status, admin::role::status, listen_for::status);
    } catch (const std::exception& error) {
        log_error(error.what());
        return false;
    }
    awaiting_objects_ = objects_ && !objects_->found();
    if (!awaiting_objects_) let_in();
    return true;
}

// When every worker has the configuration and every name was asked for.
void daemon::let_in() {
    site_->fleet().apply({}, [this] { site_->resolver().when_settled([this] { announce(); }); });
}

void daemon::announce() {
    record();
    for (const auto& one : wanted_listeners(site_->frame())) {
        if (adopt(one) || listen(one)) continue;
        if (one.tls && options_.usual_https) {
            log_warning("going without TLS; --https ADDR names another address");
            continue;
        }
        exit_code_ = 1;
        return finish();
    }
    serving_ = true;
    const boost::json::object line{
        {"adit", "ready"},
        {"http", to_json(http_)},
        {"https", to_json(https_)},
        {"admin", to_json(admin_bound_)},
        {"status", to_json(status_bound_)},
        {"workers", site_->fleet().size()}};
    std::puts(boost::json::serialize(line).c_str());
    std::fflush(stdout);
    journal_->start(); // the line above comes first wherever lines go
    if (on_ready) on_ready();
    if (objects_) objects_changed(); // what has changed meanwhile
}

// Exchanges are recorded as the wish in force says.
void daemon::record() {
    journal_->put_in_force();
    site_->gauges().access_log = journal_->counters();
}

void daemon::follow_certificates() {
    std::set<std::string> files;
    add_files(site_->frame(), files);
    if (!objects_) site_->for_each_route([&](const model::route& one) { add_files(one, files); });
    if (!options_.keys_directory.empty()) files.insert(options_.keys_directory + "/ticket");
    std::erase_if(followed_, [&](const auto& one) { return !files.contains(one.first); });
    for (const auto& file : files) {
        auto& one = followed_[file];
        if (!one) one = std::make_unique<source::watch>(control_, file, [this] { renew_certificates(); });
    }
}

void daemon::renew_certificates() {
    read_ticket_keys();
    const auto found = site_->renew_certificates();
    log_complaints(found);
    if (has_errors(found))
        log_warning("certificates stay as they were");
    else
        log_info("certificates read again");
}

void daemon::reload(std::function<void(const complaints&, bool changed)> done) {
    if (objects_) return reload_objects(true, std::move(done));
    if (options_.config_file.empty()) return done({}, false);
    read_ticket_keys();
    auto text = source::load(options_.config_file, source::max_file_size).value_or("");
    auto reading = source::read_file(options_.config_file, &check_pattern);
    complaints found = std::move(reading.problems);
    const bool seen = text == seen_text_;
    seen_text_ = std::move(text);
    auto& gauges = site_->gauges();
    if (seen && !has_errors(found) && reload_problem_.empty()) {
        gauges.config_last_reload_success = std::chrono::system_clock::now();
        if (!followed_.empty()) renew_certificates();
        log_info("configuration unchanged", {{"generation", site_->current()->generation}});
        return done(found, false);
    }
    auto wish = reading.gateway ? std::move(*reading.gateway) : model::gateway{};
    overrule(wish);
    if (!has_errors(found) && journal_->prepare(wish.access_log, found)) {
        auto wrong = site_->apply(wish, [found, done] { done(found, true); });
        found.insert(found.end(), wrong.begin(), wrong.end());
    }
    // The same bytes are complained of once, however often they are read.
    if (!seen) log_complaints(found);
    gauges.config_last_reload_successful = !has_errors(found);
    if (has_errors(found)) {
        const auto first = std::find_if(found.begin(), found.end(), [](const auto& one) {
            return one.level == complaint::severity::error;
        });
        reload_problem_ = adit::to_text(*first);
        port_->tell(admin::reload_failed_event(found, "the file"));
        return done(found, false);
    }
    reload_problem_.clear();
    wish_in_force(found, "the file");
}

// What follows when the site has taken a wish in the place of an earlier one.
void daemon::wish_in_force(const complaints& found, std::string_view whence) {
    auto& gauges = site_->gauges();
    gauges.config_last_reload_success = std::chrono::system_clock::now();
    record();
    if (serving_) add_listeners(site_->frame()); // else announce() will
    follow_certificates();
    watch_policy_files();
    bounds_changed();
    save_authority(); // overrides may have ended
    log_info(
        "configuration in force",
        {{"generation", site_->current()->generation}, {"routes", site_->slots().size()}}
    );
    if (port_)
        port_->tell(admin::reload_event({true, site_->current()->generation, found}, std::string(whence)));
}

// Keys that somebody else rotates.
void daemon::read_ticket_keys() {
    if (options_.keys_directory.empty()) return;
    complaints found;
    const auto keys = load_keys(options_.keys_directory, found);
    log_complaints(found);
    if (!keys || keys->ticket == ticket_keys_) return;
    ticket_keys_ = keys->ticket;
    site_->tickets(std::make_shared<const net::tls_tickets>(ticket_keys_));
}

// Standing alone nobody else does it.
void daemon::rotate_tickets() {
    ticket_timer_.expires_after(ticket_period);
    ticket_timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (stopped) return;
        std::string error;
        if (rotate_ticket_keys(ticket_keys_, tickets_kept, state_ ? &*state_ : nullptr, error)) {
            site_->tickets(std::make_shared<const net::tls_tickets>(ticket_keys_));
            log_complaints(site_->renew_certificates());
        } else {
            log_warning("ticket keys stay as they were", {{"error", error}});
        }
        rotate_tickets();
    });
}

bool daemon::save_authority() {
    if (!state_) return true;
    std::string error;
    if (state_->write(weights_document_name, write_weights_document(site_->authority().save()), error))
        return true;
    log_error("cannot keep weights: " + error);
    return false;
}

void daemon::audit(const admin::audit_record& record) {
    log_info(
        "admin", {{"what", record.what},
                  {"object", record.object},
                  {"by", record.by.name},
                  {"from", record.by.address},
                  {"result", record.result},
                  {"status", record.status},
                  {"before", record.before},
                  {"after", record.after}}
    );
}

void daemon::tell_health(const upstream::health_change& change) {
    const auto what = upstream::to_text(change.what);
    const log_fields fields{{"state", what},         {"route", change.route},
                            {"track", change.track}, {"endpoint", change.endpoint},
                            {"cause", change.cause}, {"for_ms", change.lasts.count()}};
    const bool bad = change.what == upstream::health_change::kind::ejected ||
                     change.what == upstream::health_change::kind::unhealthy;
    bad ? log_warning("endpoint unfit", fields) : log_info("endpoint fit again", fields);
    if (port_) port_->tell(admin::endpoint_event(change));
}

void daemon::take_signals() {
    if (!site_) // the first time
        for (const int one : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) signals_.add(one);
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
        if (error) return;
        if (signal == SIGHUP) {
            if (serving_) reload([](const complaints&, bool) {});
        } else if (signal == SIGUSR1) {
            if (journal_) journal_->reopen();
        } else if (leaving() || !serving_) {
            log_warning("stopping at once");
            exit_code_ = leaving() ? exit_code::failed : exit_code::done;
            end_exchanges();
            return control_.stop();
        } else {
            leave();
        }
        take_signals();
    });
}

// Somebody, a kubelet or a balancer, will notice that /readyz says no.
bool daemon::is_watched() const {
    return last_probe_ && std::chrono::steady_clock::now() - *last_probe_ < probe_memory;
}

std::string daemon::unreadiness() const {
    if (leaving()) return departure_->text();
    return serving_ ? "" : awaiting_objects_ ? "waiting for the API server" : "starting";
}

void daemon::leave() {
    const auto& wish = site_->frame().drain;
    const auto unasked = is_watched() ? model::drain::usual_min : std::chrono::milliseconds::zero();
    site_->gauges().draining = true;
    if (server_) server_->leave_adopted(); // whoever has them now is to be asked
    departure_->begin(wish.min.value_or(unasked), wish.max, [this] { finish(); });
}

// What is under way is cut off, and told.
void daemon::end_exchanges() {
    site_->fleet().stop();
    journal_->stop();
}

void daemon::finish() {
    ticket_timer_.cancel();
    departure_->cancel();
    end_exchanges();
    // Operators can still look while the last spans are on their way.
    site_->tracing().flush([this] { boost::asio::post(control_, [this] { close(); }); });
}

void daemon::close() {
    if (server_)
        server_->stop([this] { control_.stop(); });
    else
        control_.stop();
}

} // namespace adit::cli
