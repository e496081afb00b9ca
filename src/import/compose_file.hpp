// A compose project as its files describe it: services, ports and mounts, and how they are read.
#pragma once

#include "spec/node.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::imports {

struct ComposePort {
    std::string address;
    int hostPort = 0;  ///< 0: any free one
    int containerPort = 0;
    std::string protocol = "tcp";
};

struct ComposeMount {
    std::string source;
    std::string target;
    bool bind = false;  ///< a path of the host, not the name of a volume
    bool readOnly = false;
};

/// A service of a compose file, in whichever of its spellings it was written. Arguments and variables may
/// hold secrets.
struct ComposeService {
    std::string name;
    spec::Position at;
    std::string image;
    bool builds = false;
    std::vector<std::string> command;
    std::vector<ComposePort> ports;
    std::vector<ComposeMount> mounts;
    std::map<std::string, std::string> environment;
    std::vector<std::string> keys;  ///< every key that is written
};

struct ComposeFile {
    std::string name;  ///< the project's, if the file says it
    std::vector<ComposeService> services;
};

using Variables = std::map<std::string, std::string>;

/// The variables of an env file (`NAME=value`, quotes, `export`, comments).
Variables readEnvFile(std::string_view text);

/// `$NAME`, `${NAME}`, `${NAME:-default}` and `$$`, as compose substitutes them; an unknown name is empty.
std::string interpolate(std::string_view text, const Variables& variables);

/// The words of a command that was written as one text, quotes taken away.
std::vector<std::string> shellWords(std::string_view text);

/// Reads a compose file or what `docker compose config` prints, as YAML or JSON.
ComposeFile readCompose(const spec::Node& root, const Variables& variables);

/// Adds what a later file of the same project says, as `docker compose -f A -f B` does.
void mergeCompose(ComposeFile& into, const ComposeFile& later);

}  // namespace vigie::imports
