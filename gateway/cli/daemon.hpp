// A running gateway: the site, its source of wishes, the API for operators, signals, and the end of it all.
#pragma once

#include "admin/server.hpp"
#include "cli/departure.hpp"
#include "cli/listen_fds.hpp"
#include "cli/memory_watch.hpp"
#include "cli/site.hpp"
#include "core/key_files.hpp"
#include "core/state_directory.hpp"
#include "net/descriptors.hpp"
#include "source/file/watch.hpp"
#include "source/ingress/options.hpp"
#include "source/kubernetes/publication.hpp"

#include <boost/asio/signal_set.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace adit::cli {

class control_port;
class journal;
class ingress_source;

std::string to_text(const net::tcp::endpoint& one);

// What the commands have in common.
struct daemon_options {
    std::vector<std::string> http;  // addresses to listen at, instead of those of the configuration
    std::vector<std::string> https; // the same, for TLS
    std::string admin;              // empty = none
    std::string status;             // empty = none
    std::string admin_token_file;
    bool admin_open = false;
    bool listen_fds = false; // take the sockets that were inherited
    unsigned workers = 0;    // 0 = one for each core
    std::string state_directory;
    std::string keys_directory;
    std::string zone;       // where this gateway runs; empty = as the configuration says
    std::string access_log; // where to write it; empty = as the configuration says
    std::string access_log_format;
    std::string config_file;          // empty = `wish` never changes
    std::string manifests;            // a folder of Kubernetes objects, in the place of a file
    bool kubernetes = false;          // those of the cluster that this is a pod of
    std::string service_account;      // the folder with its token and authority
    std::string kubeconfig;           // those of the API server that it names
    source::ingress::options ingress; // how they are read
    source::kubernetes::publish_options publish;
    bool usual_https = false; // nobody asked for that address: go without it where it is taken
    model::gateway wish;      // what to serve without a file

    bool reads_objects() const noexcept { return kubernetes || !manifests.empty() || !kubeconfig.empty(); }
};

// run() is the life of the process; everything happens on its thread but for what the workers do.
class daemon {
public:
    explicit daemon(daemon_options options);
    ~daemon();

    // Opens everything, prints the line that says so, serves until told to stop. The exit code of the
    // process.
    int run();

    // Called once when serving has begun, on the control thread.
    std::function<void()> on_ready;

    boost::asio::io_context& context() noexcept { return control_; }
    cli::site& site() noexcept { return *site_; }
    cli::journal& journal() noexcept { return *journal_; }
    const daemon_options& options() const noexcept { return options_; }
    const std::vector<net::tcp::endpoint>& http() const noexcept { return http_; }
    const std::vector<net::tcp::endpoint>& https() const noexcept { return https_; }
    const std::optional<net::tcp::endpoint>& admin() const noexcept { return admin_bound_; }
    const std::optional<net::tcp::endpoint>& status() const noexcept { return status_bound_; }

    // For the control port.
    // Reads the file again and puts it in force; `done` gets what is wrong with it, or warnings.
    void reload(std::function<void(const complaints&, bool changed)> done);
    const std::string& reload_problem() const noexcept { return reload_problem_; }
    bool serving() const noexcept { return serving_ && !leaving(); }
    // Why it is not serving, for people.
    std::string unreadiness() const;
    // Somebody looks whether the gateway is ready.
    void probed() noexcept { last_probe_ = std::chrono::steady_clock::now(); }
    // Null where a file says what to serve.
    const ingress_source* objects() const noexcept { return objects_.get(); }
    bool durable() const noexcept { return state_.has_value(); }
    // What there is of bounded resources, and how much of it is in use; for people.
    admin::readiness_check ceilings() const;
    // Keeps overrides and the kill switch; false if they could not be written.
    bool save_authority();

private:
    bool prepare();
    bool prepare_state();
    bool first_wish();
    // What flags say instead of the file.
    void overrule(model::gateway& wish) const;
    std::unique_ptr<ingress_source> make_objects(std::vector<model::listener> listeners);
    bool first_file(complaints& found);
    bool first_objects(complaints& found);
    complaints apply_objects(const std::function<void()>& done);
    void objects_changed();
    void reload_objects(bool asked, std::function<void(const complaints&, bool changed)> done);
    void wish_in_force(const complaints& found, std::string_view whence);
    bool open_addresses();
    bool inherit();
    std::optional<net::tcp::endpoint>
    open_api(const std::string& address, admin::role as, listen_for purpose);
    // False, with a log line, where an API may not be open there.
    bool may_open_admin();
    bool is_asked_for_tls() const;
    std::vector<model::listener> wanted_listeners(const model::gateway& wish) const;
    bool listen(const model::listener& wish);
    // False where no socket was inherited for it.
    bool adopt(const model::listener& wish);
    void bounds_changed();
    void add_listeners(const model::gateway& wish);
    void follow_certificates();
    void renew_certificates();
    void read_ticket_keys();
    void rotate_tickets();
    void watch_policy_files();
    void policy_file_changed(const std::string& file);
    void let_in();
    void announce();
    void record();
    void end_exchanges();
    void take_signals();
    bool leaving() const noexcept { return departure_ && departure_->begun(); }
    bool is_watched() const;
    void leave();
    void finish();
    void close();
    void audit(const admin::audit_record& record);
    void tell_health(const upstream::health_change& change);

    daemon_options options_;
    boost::asio::io_context control_{1};
    boost::asio::signal_set signals_;
    boost::asio::steady_timer ticket_timer_;
    std::optional<state_directory> state_;
    key_list ticket_keys_;
    std::unique_ptr<cli::site> site_;
    std::unique_ptr<cli::journal> journal_;
    std::unique_ptr<control_port> port_;
    std::unique_ptr<admin::server> server_;
    std::unique_ptr<source::watch> watch_;
    std::unique_ptr<ingress_source> objects_;
    std::map<std::string, std::unique_ptr<source::watch>> followed_; // files of certificates
    std::map<std::string, std::unique_ptr<source::watch>> policy_files_;
    std::unique_ptr<departure> departure_;
    std::unique_ptr<memory_watch> memory_;
    net::descriptor_budget descriptors_;
    std::vector<inherited_socket> inherited_;
    std::vector<model::listener> listening_;
    std::vector<net::tcp::endpoint> http_, https_;
    std::optional<net::tcp::endpoint> admin_bound_, status_bound_;
    std::string seen_text_; // of the file, as last read
    std::string reload_problem_;
    std::optional<std::chrono::steady_clock::time_point> last_probe_;
    bool awaiting_objects_ = false; // nobody is let in before there are any
    bool serving_ = false;
    int exit_code_ = 0;
};

} // namespace adit::cli
