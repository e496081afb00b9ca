// Files of targets that the document names.

#include "lint/target_files.hpp"

#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "lint/rules.hpp"
#include "spec/jobs.hpp"
#include "spec/read_yaml.hpp"
#include "spec/settings.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;
using Kind = spec::Node::Kind;

/// Calls `see` with each file of targets, its place in the document and its job.
template <class See>
void forEachFile(const spec::Stack& stack, See see) {
    if (!stack.prometheus) {
        return;
    }
    const auto& jobs = stack.prometheus->scrapeConfigs;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const auto* list = jobs[i].settings.find("fileSDConfigs");
        for (std::size_t j = 0; list != nullptr && j < list->items.size(); ++j) {
            const auto* files = list->items[j].find("files");
            const auto at =
                ((FieldPath{"spec", "prometheus", "scrapeConfigs"}[i] / "fileSDConfigs")[j] / "files");
            for (std::size_t k = 0; files != nullptr && k < files->items.size(); ++k) {
                see(files->items[k].scalar, at[k], jobs[i]);
            }
        }
    }
}

constexpr const char* kShape = "a list of `{ targets: [\"HOST:PORT\"], labels: { NAME: VALUE } }`";

class Checker {
public:
    Checker(const TargetFile& file, const spec::Reporter& report)
        : file_(file), json_(file.path.ends_with(".json")), report_(report) {}

    void check(const Node& root) const {
        if (root.kind == Kind::null) {
            return;  // no targets yet
        }
        if (root.kind != Kind::sequence) {
            shape(root.at, "`" + file_.path + "` contains no list of target groups");
            return;
        }
        for (const auto& group : root.items) {
            if (group.kind != Kind::map) {
                shape(group.at, "an item of `" + file_.path + "` is not a target group");
                continue;
            }
            for (const auto& entry : group.entries) {
                if (entry.key == "targets") {
                    targets(entry);
                } else if (entry.key == "labels") {
                    labels(entry);
                } else {
                    const bool meant = entry.key == "target" || entry.key == "label";
                    report_.error(code::VG0612, entry.keyAt,
                                  "a target group has no field `" + printable(entry.key) +
                                      "`: Prometheus refuses the whole file",
                                  meant ? "write `" + entry.key + "s`" : std::string("write ") + kShape);
                }
            }
        }
    }

private:
    void shape(spec::Position at, const std::string& message) const {
        report_.error(code::VG0612, at, message + ": Prometheus refuses the whole file",
                      std::string("write ") + kShape);
    }

    void targets(const spec::Entry& entry) const {
        if (entry.value.kind != Kind::sequence) {
            shape(entry.value.at.line == 0 ? entry.keyAt : entry.value.at, "`targets` is not a list");
            return;
        }
        for (const auto& each : entry.value.items) {
            if (each.kind != Kind::scalar || (json_ && each.plain)) {
                shape(each.at, "a target is not a string");
            } else if (each.scalar.empty() ||
                       (!file_.anyText && each.scalar.find('/') != std::string::npos)) {
                report_.error(code::VG0613, each.at,
                              each.scalar.empty() ? "a target is empty"
                                                  : "`" + printable(each.scalar) +
                                                        "` is not an address of the form HOST:PORT",
                              "write HOST:PORT, and set `scheme` and `metricsPath` in the job, or relabel "
                              "`__address__` there");
            }
        }
    }

    void labels(const spec::Entry& entry) const {
        if (entry.value.kind == Kind::null) {
            return;
        }
        if (entry.value.kind != Kind::map) {
            shape(entry.value.at, "`labels` is not a mapping");
            return;
        }
        for (const auto& label : entry.value.entries) {
            const bool text = label.value.kind == Kind::scalar && !(json_ && label.value.plain);
            if (!text && (json_ || label.value.kind != Kind::null)) {
                shape(label.value.at, "the label `" + printable(label.key) + "` is not a string");
            }
        }
    }

    const TargetFile& file_;
    bool json_;
    const spec::Reporter& report_;
};

spec::Position positionOf(std::string_view text, std::size_t byte) {
    const auto before = text.substr(0, std::min(byte, text.size()));
    const auto lines = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
    const auto newline = before.rfind('\n');
    const auto column = before.size() - (newline == std::string_view::npos ? 0 : newline + 1);
    return {lines + 1, static_cast<std::uint32_t>(std::max<std::size_t>(column, 1))};
}

/// True if the text is valid JSON, which Prometheus requires in a .json file.
bool readsAsJson(std::string_view text, const std::string& path, const spec::Reporter& report) {
    if (const JsonLimits limits; !fitsJson(text, limits)) {
        report.error(code::VG0611, spec::Position{1, 1},
                     "`" + path + "` nests lists or objects more than " + std::to_string(limits.depth) +
                         " levels deep, or has more than " + std::to_string(limits.values) + " values",
                     "correct the file, or split it into several files");
        return false;
    }
    try {
        return !nlohmann::json::parse(text).is_discarded();
    } catch (const nlohmann::json::parse_error& error) {
        report.error(code::VG0611, positionOf(text, error.byte == 0 ? 0 : error.byte - 1),
                     "`" + path + "` is not valid JSON from here on: Prometheus refuses the whole file",
                     "correct it, or write it as YAML with the extension .yml");
        return false;
    }
}

}  // namespace

void lintTargetFileNames(const spec::Stack& stack, const spec::Reporter& report) {
    forEachFile(stack, [&](const std::string& path, const FieldPath& at, const spec::ScrapeConfig&) {
        const auto slash = path.rfind('/');
        const bool known = path.ends_with(".json") || path.ends_with(".yml") || path.ends_with(".yaml");
        if (!path.empty() && !known) {
            report.error(code::VG0610, at,
                         "Prometheus does not accept `" +
                             path.substr(slash == std::string::npos ? 0 : slash + 1) +
                             "` as a target file: the extension is unknown",
                         "rename the file to .json, .yml or .yaml");
        }
    });
}

std::vector<TargetFile> targetFiles(const spec::Stack& stack) {
    std::map<std::string, bool> found;
    forEachFile(stack, [&](const std::string& path, const FieldPath&, const spec::ScrapeConfig& job) {
        const auto [it, fresh] = found.emplace(path, true);
        it->second = it->second && spec::relabelsAddress(job);
    });
    std::vector<TargetFile> out;
    out.reserve(found.size());
    for (const auto& [path, anyText] : found) {
        out.push_back({path, anyText});
    }
    return out;
}

void lintTargetFile(const TargetFile& file, const std::string& shown, std::string_view text,
                    spec::Diagnostics& diagnostics) {
    const spec::Reporter report(diagnostics, shown);
    if (file.path.ends_with(".json") && !readsAsJson(text, file.path, report)) {
        return;
    }
    spec::Diagnostics unread;
    const auto root = trim(text).empty() ? std::nullopt : spec::readYaml(text, shown, unread);
    for (const auto& each : unread.all()) {
        // Prometheus accepts files that are too large for vigie or have several documents.
        if (each.code == code::VG0001 || each.code == code::VG0002 || each.code == code::VG0003) {
            report.error(
                code::VG0611, each.at,
                "`" + file.path + "` cannot be read: " + each.message + "; Prometheus refuses the whole file",
                each.hint);
        }
    }
    if (!root || !unread.empty()) {
        return;
    }
    Checker(file, report).check(*root);
}

}  // namespace vigie::lint
