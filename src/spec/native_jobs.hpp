// Which derived scrape jobs native configuration has already.
#pragma once

#include "spec/native.hpp"

#include <set>
#include <string>
#include <vector>

namespace vigie::spec {

/// A job that follows from a component, and every name and address by which a Prometheus reaches its port.
struct NativeJob {
    std::string name;
    FieldPath at;                ///< of the component
    std::set<std::string> ways;  ///< `host:port`; empty: it is known by its name only
    bool covered = false;        ///< a job of the file has one of them as a target
    bool nameTaken = false;      ///< it has not, but a job of the file has this name
};

/// The jobs that the server would have beside those of `roots`: its configuration and the files of scrape
/// configurations that this names.
std::vector<NativeJob> nativeJobs(const Stack& stack, const Replica& server, const std::vector<Node>& roots);

}  // namespace vigie::spec
