// A compose project as its files describe it: services, ports and mounts, and how they are read.
#pragma once

#include "spec/describable.hpp"
#include "spec/node.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::compose {

struct Port {
    std::string address;  ///< empty: every address
    int hostPort = 0;     ///< 0: any free one
    int containerPort = 0;
    std::string protocol = "tcp";
};

struct Mount {
    std::string source;
    std::string target;
    bool bind = false;  ///< a path of the host, not the name of a volume
    bool readOnly = false;
};

VIGIE_DESCRIBE(Port) {
    io.field("address", value.address);
    io.field("hostPort", value.hostPort);
    io.field("containerPort", value.containerPort);
    io.field("protocol", value.protocol);
}

// As `vigie import` keeps what it saw.
VIGIE_DESCRIBE(Mount) {
    io.field("source", value.source);
    io.field("target", value.target);
    io.field("bind", value.bind);
}

/// A service of a compose file, in whichever of its spellings it was written. Arguments and variables may
/// hold secrets.
struct Service {
    std::string name;
    spec::Position at;
    std::string image;
    bool builds = false;
    std::vector<std::string> command;
    std::vector<Port> ports;
    std::vector<Mount> mounts;
    std::map<std::string, std::string> environment;
    std::map<std::string, std::string> extraHosts;  ///< name → address
    std::vector<std::string> keys;                  ///< every key that is written
};

struct File {
    std::string name;  ///< the project's, if the file says it
    std::vector<Service> services;
};

using Variables = std::map<std::string, std::string>;

/// The variables of an env file (`NAME=value`, quotes, `export`, comments).
Variables readEnvFile(std::string_view text);

/// `$NAME`, `${NAME}`, `${NAME:-default}` and `$$`, as compose substitutes them; an unknown name is empty.
std::string interpolate(std::string_view text, const Variables& variables);

/// The words of a command that was written as one text, quotes taken away.
std::vector<std::string> shellWords(std::string_view text);

/// The ports of the short form, `[ADDRESS:][HOST:]CONTAINER[/PROTOCOL]`, in which each may be a range. No
/// variables: `interpolate` comes before. What is no port gives none.
std::vector<Port> shortPorts(std::string_view text);

/// Reads a compose file or what `docker compose config` prints, as YAML or JSON.
File readFile(const spec::Node& root, const Variables& variables);

/// Adds what a later file of the same project says, as `docker compose -f A -f B` does.
void merge(File& into, const File& later);

}  // namespace vigie::compose
