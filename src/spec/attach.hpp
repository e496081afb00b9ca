// What a component says of the program that it is: attached to the user's own, or how the rendered one is
// placed.
#pragma once

#include "spec/node.hpp"
#include "spec/secret_reference.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vigie::spec {

/// How a program is asked whose pages want a password or a certificate.
struct AttachWeb {
    std::string username = {};
    std::optional<SecretReference> passwordFrom = {};
    bool operator==(const AttachWeb&) const = default;
};

/// The user's own service that runs the program already.
struct Attach {
    std::string service = {};
    std::string restart = {};  ///< `allowed`, or empty
    std::string program = {};  ///< the name of its executable file; empty: the usual one
    std::optional<AttachWeb> web = {};

    [[nodiscard]] bool mayRestart() const { return restart == "allowed"; }
    bool operator==(const Attach&) const = default;
};

/// How a server is had: attached, or rendered with these.
struct Had {
    std::optional<Attach> attach = {};
    std::vector<std::string> networks = {};
    std::string data = {};  ///< an absolute path or the name of a volume; empty: `dataDirectory`
    std::optional<Node> compose = {};
    bool operator==(const Had&) const = default;
};

/// The program's own configuration file as the base of what is written.
struct ConfigFrom {
    std::string file;
    std::vector<std::string> hostFiles = {};
    // What was seen when the document was read: nothing of the document itself, and so no part of equality.
    std::vector<std::string> defaults = {};  ///< fields of the component that say what the schema says
    std::vector<std::string> secrets = {};   ///< that the file names with `!secret`, each once
    bool operator==(const ConfigFrom& other) const {
        return file == other.file && hostFiles == other.hostFiles;
    }
};

/// A further file of a project.
struct ProjectFile {
    std::string from = {};
    std::string secret = {};  ///< instead of `from`
    std::string to;
    std::string mode = {};
    std::string owner = {};
    std::string onChange = {};  ///< `none`, `signal:HUP`, `signal:USR1`, `signal:USR2`, `restart`
    std::string attach = {};    ///< whose process that is
    bool operator==(const ProjectFile&) const = default;
};

}  // namespace vigie::spec
