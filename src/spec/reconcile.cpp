// Which fields of a resource are compared, by its kind.

#include "spec/reconcile.hpp"

namespace vigie::spec {

const std::vector<std::string>& comparedFields(std::string_view kind) {
    static const std::vector<std::string> kContainer = {
        "image", "command", "entrypoint", "user",         "environment", "healthcheck", "restart",
        "ports", "mounts",  "networks",   "capabilities", "name",        "labels",      "content"};
    static const std::vector<std::string> kFile = {"content", "mode", "owner"};
    static const std::vector<std::string> kDirectory = {"mode", "owner"};
    static const std::vector<std::string> kNone;
    return kind == "compose" ? kContainer : kind == "file" ? kFile : kind == "directory" ? kDirectory : kNone;
}

}  // namespace vigie::spec
