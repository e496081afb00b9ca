// The settings that vigie passes through to Prometheus and Alertmanager.
#pragma once

#include "spec/image_version.hpp"
#include "spec/node.hpp"
#include "spec/stack.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The settings of Prometheus and Alertmanager that vigie passes on without a meaning of its own. The
/// document writes them in camelCase; here is what the program calls them, since which version it knows them,
/// and which of them refer to secrets and files. Rendering, references and lint all walk the same settings.
namespace vigie::spec {

enum class Program : std::uint8_t { prometheus, alertmanager };

std::string_view nameOf(Program program);

/// What is peculiar about a setting. One that has no line in the table is written in snake_case and as old as
/// what vigie renders for.
struct Word {
    Program program;
    std::string_view where = {};  ///< the field that holds it; empty: any
    std::string_view field;
    std::string_view name = {};     ///< the program's own; empty: in snake_case
    ImageVersion since = {};        ///< the first version that knows it; 0.0: older than anything
    bool verbatim = false;          ///< its keys are the user's own, not settings
    ImageVersion fileSince = {};    ///< of a secret: the first version that reads it from a file
    std::string_view before3 = {};  ///< its name in Prometheus 2
};

/// The table's line for a setting, or null.
const Word* wordFor(Program program, std::string_view where, std::string_view field);

/// What the program calls a setting. For `passwordFrom` that is `password`; a secret in a file has `_file`
/// appended to it.
std::string nameOf(Program program, std::string_view where, std::string_view field,
                   const std::optional<ImageVersion>& version);

/// One part of the document that holds settings.
struct SettingBlock {
    Program program = Program::prometheus;
    std::string_view where;  ///< the field that holds it, such as `scrapeConfigs`
    const Node* settings = nullptr;
    FieldPath at;
    const Node* raw = nullptr;  ///< settings in the program's own spelling; may be null
    FieldPath rawAt = {};
};

std::vector<SettingBlock> settingBlocks(const Stack& stack);

struct Setting {
    std::string_view where;
    std::string_view field;
    const Node& value;
    FieldPath at;

    /// The secret's name, when it is a reference to one; it is empty in a document with that mistake.
    [[nodiscard]] std::optional<std::string> secret() const;
};

/// Calls `see` for each setting of a block, also for those inside of others.
void forEachSetting(const SettingBlock& block, const std::function<void(const Setting&)>& see);

/// The files of the document's directory that a block names, with the places where it does.
struct SettingFile {
    std::string path;
    FieldPath at;
};
std::vector<SettingFile> filesOf(const SettingBlock& block);

/// What the reader of a secret can hold.
enum class SecretForm : std::uint8_t {
    any,          ///< bytes: certificates, keys, variables of the user's
    trimmedLine,  ///< one line; blanks and line ends around it are cut by the reader
    line,         ///< one line to the byte
    word,         ///< without white space
};

/// A place where the document names a secret.
struct SecretUse {
    std::string secret;
    FieldPath at;
    std::vector<const Host*> hosts = {};  ///< those that need its value; spec/secret_uses.hpp knows them
    bool pair = false;                    ///< a preshared key: one side without it cuts both off
    SecretForm form = SecretForm::line;
};

/// The secrets that a program uses, without the hosts.
std::vector<SecretUse> secretsOf(const Stack& stack, Program program);

}  // namespace vigie::spec
