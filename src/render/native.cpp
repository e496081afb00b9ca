// Writes native configuration.

#include "render/native.hpp"

#include "base/text.hpp"
#include "spec/read_yaml.hpp"

namespace vigie::render {
namespace {

using spec::Node;

/// In the texts that `YamlWriter` writes, U+0001 is this escape, and only within quotes.
constexpr std::string_view kMark = "\\x01";

SecretValue valueOf(const std::string& name, const Inputs& inputs) {
    const auto it = inputs.secrets.find(name);
    return it == inputs.secrets.end() ? SecretValue{"missing:" + name, nullptr} : it->second;
}

/// The next mark of `text` from `from` on; other escapes are passed over.
std::size_t nextMark(std::string_view text, std::size_t from) {
    for (auto at = text.find('\\', from); at != std::string_view::npos; at = text.find('\\', at + 2)) {
        if (text.substr(at, kMark.size()) == kMark) {
            return at;
        }
    }
    return std::string_view::npos;
}

}  // namespace

NativeInputs::NativeInputs(spec::NativeSource of, const Inputs& with)
    : source(std::move(of)),
      root(spec::nativeRoot(source, with.files)),
      files(spec::nativeFiles(source, root, with.files)),
      roots{root} {
    for (const auto& [name, value] : with.secrets) {
        const auto text = spec::secretScalar(name);
        standIns.secrets[name] = {value.id, std::make_shared<const SecureBytes>(text.begin(), text.end())};
    }
    for (const auto& file : files) {
        paths.insert(file.path);
        spec::Diagnostics unread;
        if (file.kind == spec::NativeKind::scrapeConfigs) {
            if (auto further = spec::readNative(with.files.at(file.path), file.path, unread)) {
                roots.push_back(std::move(*further));
            }
        }
    }
}

Node nodeOf(const YamlWriter& written) {
    const auto& text = written.result();
    spec::Diagnostics unread;
    std::optional<Node> root;
    if (text.available()) {
        const auto bytes = text.reveal();
        root = spec::readYaml(view(bytes), "", unread);
    } else {
        root = spec::readYaml(text.masked(), "", unread);  // a secret that the document does not have
    }
    Node empty;
    empty.kind = Node::Kind::map;
    return root && root->kind == Node::Kind::map ? std::move(*root) : empty;
}

Text nativeText(const Node& merged, const Inputs& inputs) {
    YamlWriter yaml;
    yaml.comment(kManaged);
    for (const auto& entry : merged.entries) {
        yaml.node(entry.key, entry.value);
    }
    const auto literal = yaml.result().masked();
    Text out;
    std::size_t from = 0;
    for (auto at = nextMark(literal, 0); at != std::string::npos; at = nextMark(literal, from)) {
        const auto begin = at + kMark.size();
        const auto end = nextMark(literal, begin);
        if (end == std::string::npos) {
            break;
        }
        out.append(std::string_view(literal).substr(from, at - from));
        out.append(valueOf(literal.substr(begin, end - begin), inputs), Encoding::yaml);
        from = end + kMark.size();
    }
    return out.append(std::string_view(literal).substr(from));
}

std::map<std::string, SecretValue> ownValues(const std::map<std::string, SecretValue>& files,
                                             const Inputs& inputs) {
    std::map<std::string, SecretValue> out;
    for (const auto& [name, value] : files) {
        out.emplace(name, valueOf(name, inputs));
    }
    return out;
}

void deliver(Builder& builder, const std::string& directory, const std::vector<spec::NativeFile>& files) {
    constexpr const char* kPurpose = "what the native configuration names";
    for (const auto& file : files) {
        std::string folder = "directory:" + directory;
        for (auto slash = file.place.find('/'); slash != std::string::npos;
             slash = file.place.find('/', slash + 1)) {
            folder = builder.directory(directory + "/" + file.place.substr(0, slash), kPurpose);
        }
        builder.file({directory + "/" + file.place, Text(builder.inputs.files.at(file.path)), 0644, {}},
                     kPurpose, {folder});
    }
}

}  // namespace vigie::render
