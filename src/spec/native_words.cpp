// Says native configuration in the words of the document.

#include "spec/native_words.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"
#include "spec/check_schema.hpp"
#include "spec/codec.hpp"
#include "spec/format.hpp"
#include "spec/read_yaml.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <map>
#include <set>

namespace vigie::spec {
namespace {

using Kind = Node::Kind;

Node emptyOf(Kind kind, Position at = {}) {
    Node out;
    out.kind = kind;
    out.at = at;
    return out;
}

Node refusedAt(Position at) {
    Node out;
    out.at = at;
    out.refused = out.incomplete = true;
    return out;
}

/// Nothing follows from what a thing lacks when it has something that was refused.
void markIncomplete(Node& node) {
    node.incomplete =
        node.incomplete ||
        std::any_of(node.entries.begin(), node.entries.end(),
                    [](const Entry& entry) { return entry.value.incomplete; }) ||
        std::any_of(node.items.begin(), node.items.end(), [](const Node& item) { return item.incomplete; });
}

void shiftLines(Node& node, std::uint32_t by) {
    const auto shift = [&](Position& at) { at.line += at.line == 0 ? 0 : by; };
    shift(node.at);
    for (auto& entry : node.entries) {
        shift(entry.keyAt);
        shiftLines(entry.value, by);
    }
    for (auto& item : node.items) {
        shiftLines(item, by);
    }
}

const Schema* fieldOf(const Schema& schema, std::string_view name) {
    const auto it = std::find_if(schema.properties.begin(), schema.properties.end(),
                                 [&](const Property& each) { return each.name == name; });
    return it == schema.properties.end() ? nullptr : it->schema;
}

const Schema& schemaAt(std::initializer_list<std::string_view> path) {
    static const Schema kNothing{};
    const Schema* here = &stackSchema();
    for (const auto key : path) {
        const auto* next = fieldOf(*here, key);
        if (next == nullptr) {
            return kNothing;
        }
        here = next->items != nullptr ? next->items : next;
    }
    return *here;
}

/// Formats that say what the program itself says.
bool theProgramsOwn(std::string_view format) {
    return format == "positive-duration" || format == "prometheus-duration";
}

Node& childOf(Node& map, std::string_view key, Kind kind, Position at = {}) {
    const auto it = std::find_if(map.entries.begin(), map.entries.end(),
                                 [&](const Entry& entry) { return entry.key == key; });
    if (it != map.entries.end()) {
        if (it->value.kind == Kind::null && !it->value.refused) {
            it->value = emptyOf(kind, at);
        }
        return it->value;
    }
    map.entries.push_back({std::string(key), at, emptyOf(kind, at)});
    return map.entries.back().value;
}

/// Writes `value` in the place of a default, or of nothing.
void setDefault(Node& map, std::string_view key, Entry from) {
    const auto it = std::find_if(map.entries.begin(), map.entries.end(),
                                 [&](const Entry& entry) { return entry.key == key; });
    if (it == map.entries.end()) {
        map.entries.push_back({std::string(key), from.keyAt, std::move(from.value)});
    } else if (it->value.at.line == 0 && !it->value.refused) {
        *it = {std::string(key), from.keyAt, std::move(from.value)};
    }
}

class Translator {
public:
    Translator(const NativeRead& native, const std::optional<ImageVersion>& version, const Reporter& report)
        : native_(native), program_(native.source.program), version_(version), report_(report) {
        for (auto& pattern : patternsOf(native.source, native.root)) {
            if (pattern.kind == NativeKind::targets) {
                auto text = pattern.text;
                patterns_.emplace(std::move(text), std::move(pattern));
            }
        }
    }

    /// The entries of a mapping but for those named in `known`.
    [[nodiscard]] Node map(const Node& theirs, const Schema& schema, std::string_view where,
                           std::initializer_list<std::string_view> known = {}) const {
        Node out = emptyOf(Kind::map, theirs.at);
        for (const auto& entry : theirs.entries) {
            if (entry.value.kind == Kind::null ||
                std::find(known.begin(), known.end(), entry.key) != known.end()) {
                continue;
            }
            if (const auto* field = fieldFor(schema, where, entry.key)) {
                if (out.find(field->name) == nullptr) {
                    out.entries.push_back(
                        {std::string(field->name), entry.keyAt, value(entry.value, *field, where)});
                }
            } else if (const auto* secret = secretFieldFor(schema, where, entry.key)) {
                if (out.find(secret->name) == nullptr) {
                    out.entries.push_back(
                        {std::string(secret->name), entry.keyAt, refusedAt(entry.value.at)});
                }
            } else if (fieldOf(schema, "raw") != nullptr) {
                childOf(out, "raw", Kind::map, theirs.at).entries.push_back(entry);
            }
        }
        markIncomplete(out);
        return out;
    }

    [[nodiscard]] Node scalar(const Node& theirs, const Schema& schema) const {
        Node out = theirs;
        if (theirs.kind != Kind::scalar || !secretsIn(theirs.scalar).empty()) {
            return refusedAt(theirs.at);
        }
        out.plain = schema.type != Schema::Type::string;
        const auto word = lowerCase(theirs.scalar);
        if (schema.type == Schema::Type::boolean) {
            out.scalar = word == "true" || word == "yes" || word == "on" || word == "y" ? "true" : "false";
        }
        Diagnostics problems;
        Node checked = out;
        checkSchema(checked, schema, Reporter(problems, ""));
        if (!problems.hasErrors()) {
            return out;
        }
        if (theProgramsOwn(schema.format)) {
            if (const auto problem = checkFormat(schema.format, theirs.scalar)) {
                report_.error(code::VG0106, theirs.at,
                              "`" + printable(theirs.scalar) + "` " + problem->message, problem->hint);
            }
        }
        return refusedAt(theirs.at);
    }

private:
    /// The field that the program calls `key`, or null.
    [[nodiscard]] const Property* fieldFor(const Schema& schema, std::string_view where,
                                           std::string_view key) const {
        for (const auto& property : schema.properties) {
            if (property.name != "raw" && nameOf(program_, where, property.name, version_) == key) {
                return &property;
            }
        }
        return nullptr;
    }

    /// The same of a secret that the program reads from a file.
    [[nodiscard]] const Property* secretFieldFor(const Schema& schema, std::string_view where,
                                                 std::string_view key) const {
        constexpr std::string_view kFile = "_file";
        if (!key.ends_with(kFile)) {
            return nullptr;
        }
        key.remove_suffix(kFile.size());
        const auto it =
            std::find_if(schema.properties.begin(), schema.properties.end(), [&](const Property& property) {
                return property.name.ends_with("From") &&
                       nameOf(program_, where, property.name, version_) == key;
            });
        return it == schema.properties.end() ? nullptr : &*it;
    }

    [[nodiscard]] Node value(const Node& theirs, const Property& field, std::string_view where) const {
        if (field.name == "caFile" || field.name == "certFile" || field.name == "httpHeaders") {
            return refusedAt(theirs.at);
        }
        if (where == "fileSDConfigs" && field.name == "files") {
            return targetFiles(theirs);
        }
        if (field.name.ends_with("From") && fieldOf(*field.schema, "secret") != nullptr) {
            return refusedAt(theirs.at);  // whether its secret exists is said of the file itself
        }
        const auto* word = wordFor(program_, where, field.name);
        return word != nullptr && word->verbatim ? verbatim(theirs, *field.schema)
                                                 : any(theirs, *field.schema, field.name);
    }

    /// Keys of the user's own, with texts.
    static Node verbatim(const Node& theirs, const Schema& schema) {
        Node out = theirs;
        for (auto& entry : out.entries) {
            entry.value.plain = false;
            for (auto& item : entry.value.items) {
                item.plain = false;
            }
        }
        Diagnostics problems;
        Node checked = out;
        checkSchema(checked, schema, Reporter(problems, ""));
        return problems.hasErrors() ? refusedAt(theirs.at) : out;
    }

    [[nodiscard]] Node any(const Node& theirs, const Schema& schema, std::string_view field) const {
        if (schema.type == Schema::Type::array) {
            if (theirs.kind != Kind::sequence || schema.items == nullptr) {
                return refusedAt(theirs.at);
            }
            Node out = emptyOf(Kind::sequence, theirs.at);
            for (const auto& item : theirs.items) {
                out.items.push_back(any(item, *schema.items, field));
            }
            markIncomplete(out);
            return out;
        }
        if (schema.type != Schema::Type::object) {
            return scalar(theirs, schema);
        }
        if (theirs.kind != Kind::map) {
            return refusedAt(theirs.at);
        }
        return schema.preserveUnknown || schema.additional != nullptr ? verbatim(theirs, schema)
                                                                      : map(theirs, schema, field);
    }

    /// The files of the repository that the patterns match.
    [[nodiscard]] Node targetFiles(const Node& theirs) const {
        Node out = emptyOf(Kind::sequence, theirs.at);
        for (const auto& item : theirs.items) {
            const auto pattern = patterns_.find(item.scalar);
            if (pattern == patterns_.end()) {
                continue;
            }
            for (const auto* file : matching(native_.files, pattern->second)) {
                Node path = Node::text(file->path);
                path.at = item.at;
                out.items.push_back(std::move(path));
            }
        }
        return out.items.empty() ? refusedAt(theirs.at) : out;
    }

    const NativeRead& native_;
    Program program_;
    std::optional<ImageVersion> version_;
    const Reporter& report_;
    std::map<std::string, NativePattern> patterns_;  ///< of targets, by their texts
};

void appendItems(Node& component, std::string_view field, std::vector<Node> items) {
    if (items.empty()) {
        return;
    }
    auto& list = childOf(component, field, Kind::sequence, items.front().at);
    if (list.kind == Kind::sequence) {
        for (auto& item : items) {
            list.items.push_back(std::move(item));
        }
    }
}

const std::vector<Node>& itemsOf(const Node& root, std::string_view key) {
    static const std::vector<Node> kNone;
    const auto* list = root.find(key);
    return list == nullptr ? kNone : list->items;
}

class PrometheusWords {
public:
    PrometheusWords(Node& component, const Translator& words) : component_(component), words_(words) {}

    void add(const Node& root) {
        if (const auto* global = root.find("global")) {
            this->global(*global);
        }
        list(root, "scrape_configs", "scrapeConfigs");
        list(root, "remote_write", "remoteWrite");
        list(root, "remote_read", "remoteRead");
        if (const auto* alerting = root.find("alerting")) {
            this->alerting(*alerting);
        }
    }

    void list(const Node& root, std::string_view key, std::string_view field) {
        std::vector<Node> out;
        for (const auto& item : itemsOf(root, key)) {
            out.push_back(words_.map(item, schemaAt({"spec", "prometheus", field}), field));
        }
        appendItems(component_, field, std::move(out));
    }

private:
    void global(const Node& global) {
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kOwn = {
            {{"scrape_interval", "scrapeInterval"},
             {"scrape_timeout", "scrapeTimeout"},
             {"evaluation_interval", "evaluationInterval"}}};
        const auto& schema = schemaAt({"spec", "prometheus"});
        for (const auto& [key, field] : kOwn) {
            const auto it = std::find_if(global.entries.begin(), global.entries.end(),
                                         [k = key](const Entry& entry) { return entry.key == k; });
            const auto* type = fieldOf(schema, field);
            if (it != global.entries.end() && type != nullptr && it->value.kind != Kind::null) {
                setDefault(component_, field,
                           {std::string(field), it->keyAt, words_.scalar(it->value, *type)});
            }
        }
        unite("externalLabels", global.find("external_labels"));
        Node rest = words_.map(global, schemaAt({"spec", "prometheus", "global"}), "global",
                               {"scrape_interval", "scrape_timeout", "evaluation_interval", "external_labels",
                                "query_log_file"});
        unite("global", &rest);
    }

    void unite(std::string_view field, const Node* theirs) {
        if (theirs == nullptr || theirs->entries.empty()) {
            return;
        }
        auto& ours = childOf(component_, field, Kind::map, theirs->at);
        for (const auto& entry : theirs->entries) {
            if (ours.find(entry.key) == nullptr) {
                ours.entries.push_back(entry);
            }
        }
    }

    void alerting(const Node& alerting) {
        auto& ours = childOf(component_, "alerting", Kind::map, alerting.at);
        std::vector<Node> servers;
        for (const auto& item : itemsOf(alerting, "alertmanagers")) {
            Node targets = emptyOf(Kind::sequence, item.at);
            for (const auto& group : itemsOf(item, "static_configs")) {
                for (const auto& target : itemsOf(group, "targets")) {
                    targets.items.push_back(target);
                }
            }
            Node out = words_.map(item, schemaAt({"spec", "prometheus", "alerting", "alertmanagers"}),
                                  "alertmanagers", {"static_configs"});
            out.entries.push_back(
                {"targets", item.at, targets.items.empty() ? refusedAt(item.at) : std::move(targets)});
            markIncomplete(out);
            servers.push_back(std::move(out));
        }
        appendItems(ours, "alertmanagers", std::move(servers));
        std::vector<Node> steps;
        for (const auto& item : itemsOf(alerting, "alert_relabel_configs")) {
            steps.push_back(words_.map(item, schemaAt({"spec", "prometheus", "alerting", "alertRelabelings"}),
                                       "alertRelabelings"));
        }
        appendItems(ours, "alertRelabelings", std::move(steps));
    }

    Node& component_;
    const Translator& words_;
};

class AlertmanagerWords {
public:
    AlertmanagerWords(Node& component, const Translator& words) : component_(component), words_(words) {}

    void add(const Node& root) {
        if (const auto* global = root.find("global")) {
            this->global(*global);
        }
        if (const auto* route = root.find("route"); route != nullptr && component_.find("route") == nullptr) {
            Node translated = this->route(*route);
            component_.entries.push_back({"route", route->at, std::move(translated)});
        }
        std::vector<Node> receivers;
        for (const auto& item : itemsOf(root, "receivers")) {
            receivers.push_back(
                words_.map(item, schemaAt({"spec", "alertmanager", "receivers"}), "receivers"));
        }
        appendItems(component_, "receivers", std::move(receivers));
        intervals(root, "time_intervals");
        intervals(root, "mute_time_intervals");
        inhibitRules(root);
    }

private:
    void global(const Node& global) {
        const auto at = [&](std::string_view key) {
            return std::find_if(global.entries.begin(), global.entries.end(),
                                [&](const Entry& entry) { return entry.key == key; });
        };
        if (at("smtp_smarthost") != global.entries.end()) {
            smtp(global, at);
        }
        Node rest = words_.map(global, schemaAt({"spec", "alertmanager", "global"}), "global");
        if (auto* raw = const_cast<Node*>(rest.find("raw"))) {  // NOLINT: `rest` is ours
            raw->entries.erase(
                std::remove_if(raw->entries.begin(), raw->entries.end(),
                               [](const Entry& each) { return each.key.starts_with("smtp_"); }),
                raw->entries.end());
        }
        auto& ours = childOf(component_, "global", Kind::map, global.at);
        for (auto& entry : rest.entries) {
            if (ours.find(entry.key) == nullptr) {
                ours.entries.push_back(std::move(entry));
            }
        }
    }

    template <class Find>
    void smtp(const Node& global, Find at) {
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOwn = {
            {{"smtp_smarthost", "smarthost"},
             {"smtp_from", "from"},
             {"smtp_auth_username", "username"},
             {"smtp_require_tls", "requireTLS"}}};
        const auto& schema = schemaAt({"spec", "alertmanager", "smtp"});
        Node further = words_.map(global, schema, "smtp");
        auto& ours = childOf(component_, "smtp", Kind::map, global.at);
        for (const auto& [key, field] : kOwn) {
            const auto* type = fieldOf(schema, field);
            if (const auto it = at(key); it != global.entries.end() && type != nullptr) {
                setDefault(ours, field, {std::string(field), it->keyAt, words_.scalar(it->value, *type)});
            }
        }
        for (const auto* key : {"smtp_auth_password", "smtp_auth_password_file"}) {
            if (const auto it = at(key); it != global.entries.end()) {
                setDefault(ours, "passwordFrom", {"passwordFrom", it->keyAt, refusedAt(it->value.at)});
            }
        }
        if (ours.find("from") == nullptr) {
            ours.entries.push_back({"from", global.at, refusedAt(global.at)});
        }
        for (const auto* field : {"hello", "authIdentity", "tlsConfig"}) {
            if (const auto* value = further.find(field); value != nullptr && ours.find(field) == nullptr) {
                ours.entries.push_back({field, value->at, *value});
            }
        }
        markIncomplete(ours);
    }

    void matchers(Node& out, const Entry& entry) {
        auto& list = childOf(out, "matchers", Kind::sequence, entry.value.at);
        for (const auto& each : entry.value.entries) {
            std::string value;
            for (const char c : each.value.scalar) {
                value += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
            }
            Node text = Node::text(each.key + (entry.key == "match" ? "=\"" : "=~\"") + value + "\"");
            text.at = each.keyAt;
            list.items.push_back(std::move(text));
        }
        for (const auto& item : entry.value.items) {
            list.items.push_back(item);
            list.items.back().plain = false;
        }
    }

    Node route(const Node& theirs) {
        const auto& schema = schemaAt({"spec", "alertmanager", "route", "routes"});
        Node out = emptyOf(Kind::map, theirs.at);
        Node plain = emptyOf(Kind::map, theirs.at);
        for (const auto& entry : theirs.entries) {
            if (entry.key == "match" || entry.key == "match_re" || entry.key == "matchers") {
                matchers(out, entry);
            } else if (entry.key == "routes") {
                auto& list = childOf(out, "routes", Kind::sequence, entry.value.at);
                for (const auto& child : entry.value.items) {
                    list.items.push_back(route(child));
                }
            } else {
                plain.entries.push_back(entry);
            }
        }
        Node further = words_.map(plain, schema, "routes");
        for (auto& entry : further.entries) {
            out.entries.push_back(std::move(entry));
        }
        markIncomplete(out);
        return out;
    }

    void intervals(const Node& root, std::string_view key) {
        std::vector<Node> out;
        for (const auto& item : itemsOf(root, key)) {
            out.push_back(
                words_.map(item, schemaAt({"spec", "alertmanager", "timeIntervals"}), "timeIntervals"));
        }
        appendItems(component_, "timeIntervals", std::move(out));
    }

    void inhibitRules(const Node& root) {
        std::vector<Node> out;
        for (const auto& item : itemsOf(root, "inhibit_rules")) {
            Node rule = words_.map(item, schemaAt({"spec", "alertmanager", "inhibitRules"}), "inhibitRules");
            for (const auto* field : {"sourceMatchers", "targetMatchers"}) {
                if (rule.find(field) == nullptr) {  // an older form, or none: that is amtool's to say
                    rule.entries.push_back({field, item.at, refusedAt(item.at)});
                }
            }
            markIncomplete(rule);
            out.push_back(std::move(rule));
        }
        appendItems(component_, "inhibitRules", std::move(out));
    }

    Node& component_;
    const Translator& words_;
};

Node* componentOf(Node& root, Program program) {
    for (auto& entry : root.entries) {
        if (entry.key == "spec") {
            for (auto& each : entry.value.entries) {
                if (each.key == (program == Program::prometheus ? "prometheus" : "alertmanager")) {
                    return &each.value;
                }
            }
        }
    }
    return nullptr;
}

/// What is derived and what the schema says gives way.
void giveWay(Stack& stack, const NativeRead& native) {
    const auto& from = *native.source.from;
    if (native.source.program == Program::alertmanager) {
        for (const auto& file : native.files) {
            stack.alertmanager->templates.push_back(file.path);
        }
        const auto patterns = patternsOf(native.source, native.root);
        if (std::any_of(patterns.begin(), patterns.end(),
                        [](const NativePattern& each) { return each.pattern.empty(); })) {
            stack.alertmanager->templates.emplace_back();  // the host's: nobody knows what it defines
        }
        return;
    }
    auto& prometheus = *stack.prometheus;
    if (isDefault(from, "selfScrape")) {
        prometheus.selfScrape = false;
    }
    const auto* global = native.root.find("global");
    if (isDefault(from, "scrapeInterval") &&
        (global == nullptr || global->find("scrape_interval") == nullptr)) {
        prometheus.scrapeInterval = "1m";  // Prometheus' own
    }
}

}  // namespace

CombinedDocument combine(const Document& document, const std::vector<NativeRead>& natives,
                         const Reporter& report) {
    CombinedDocument out{document.root, {}};
    std::uint32_t lines = 0;
    for (const auto& native : natives) {
        lines += kLinesOfAFile;
        auto* component = componentOf(out.root, native.source.program);
        if (component == nullptr || component->kind != Kind::map) {
            continue;
        }
        NativeRead shifted = native;
        shiftLines(shifted.root, lines);
        const bool isPrometheus = native.source.program == Program::prometheus;
        const auto& image =
            isPrometheus ? document.stack.prometheus->image : document.stack.alertmanager->image;
        const Translator words(shifted, imageVersion(image), report);
        if (isPrometheus) {
            PrometheusWords(*component, words).add(shifted.root);
        } else {
            AlertmanagerWords(*component, words).add(shifted.root);
        }
    }
    out.stack = decode(out.root);
    out.stack.indexNames();
    for (const auto& native : natives) {
        auto& component = native.source.program == Program::prometheus ? out.stack.prometheus->configFrom
                                                                       : out.stack.alertmanager->configFrom;
        component = *native.source.from;
        giveWay(out.stack, native);
    }
    return out;
}

namespace {

/// `line 67108868` is line 4 of the first native configuration.
std::string withFiles(const std::string& text, const Document& document,
                      const std::vector<NativeRead>& natives, const std::string& own) {
    constexpr std::string_view kLine = "line ";
    std::string out;
    std::size_t from = 0;
    for (auto at = text.find(kLine); at != std::string::npos; at = text.find(kLine, at + 1)) {
        std::uint32_t number = 0;
        const auto* begin = text.data() + at + kLine.size();
        const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
        const auto file = number / kLinesOfAFile;
        if (error != std::errc() || file > natives.size()) {
            continue;
        }
        const auto& name = file == 0 ? document.file : natives[file - 1].shown;
        if (file == 0 && name == own) {
            continue;
        }
        out += text.substr(from, at - from) + std::string(kLine) + std::to_string(number % kLinesOfAFile) +
               (name == own ? "" : " of " + name);
        from = static_cast<std::size_t>(end - text.data());
    }
    return out + text.substr(from);
}

}  // namespace

void separateFiles(Diagnostics& diagnostics, const Document& document,
                   const std::vector<NativeRead>& natives) {
    Diagnostics out;
    for (auto each : diagnostics.all()) {
        const auto file = each.at.line / kLinesOfAFile;
        if (file > 0 && file <= natives.size() && each.file == document.file) {
            each.file = natives[file - 1].shown;
            each.at.line %= kLinesOfAFile;
        }
        if (each.file == document.file || file > 0) {
            each.message = withFiles(each.message, document, natives, each.file);
            each.hint = withFiles(each.hint, document, natives, each.file);
        }
        out.add(std::move(each));
    }
    diagnostics = std::move(out);
}

}  // namespace vigie::spec
