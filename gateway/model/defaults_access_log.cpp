#include "model/defaults_access_log.hpp"

#include "model/access_log.hpp"
#include "model/units.hpp"

namespace adit::model {

void add_access_log_defaults(std::vector<default_value>& out) {
    const access_log wish;
    out.push_back(
        {"access_log.format", std::string(to_text(wish.format)),
         "`json`: Adit's own; `ecs`: Elastic Common Schema; `combined`: as nginx writes it, without route "
         "and "
         "track"}
    );
    out.push_back(
        {"access_log.fields", "[query, referer, user_agent]",
         "What stands in a line beside all that always does: query, referer, user_agent, user (name of Basic "
         "authentication), peer (who is connected, where `client` is who asked)"}
    );
    out.push_back(
        {"access_log.sample", to_text(wish.sample),
         "Share of exchanges that are written down, drawn for each"}
    );
    out.push_back(
        {"access_log.always_errors", wish.always_errors ? "true" : "false",
         "Write down every exchange that ended in 5xx or was cut off, whatever `sample` says"}
    );
    out.push_back(
        {"access_log.buffer", size_to_text(wish.buffer),
         "Bytes of each worker for lines that are not written yet, 2 KiB each; when it is full, exchanges "
         "are "
         "left out and counted, and nobody waits"}
    );
}

} // namespace adit::model
