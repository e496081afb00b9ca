// Reads and writes the document whose secrets are sealed.

#include "cli/sealed_document.hpp"

#include "base/error.hpp"
#include "spec/format.hpp"
#include "system/real_files.hpp"
#include "version.hpp"

#include <filesystem>

namespace vigie::cli {

source::Loaded loadForSealing(const std::string& directory) {
    auto loaded = source::loadDirectory(directory);
    if (!loaded.document) {
        throw Error(directory + " has no document that can be read", "run `vigie validate` to see why");
    }
    if (spec::checkFormat("name", loaded.document->stack.name)) {
        throw Error("the name of the stack is not valid",
                    "secrets are sealed to this name: correct it first");
    }
    return loaded;
}

void requireSameMeaning(const source::Loaded& loaded, const std::string& text, const spec::Stack& expected) {
    const auto& file = loaded.document->file;
    spec::Diagnostics diagnostics;
    const auto read = spec::loadStack(text, file, kVersion, diagnostics);
    if (!read || read->stack != expected) {
        throw Error(file + " cannot be edited in place: the result would not have the same meaning",
                    "write what is to be edited as plain lists and mappings, without aliases");
    }
}

void writeDocument(const source::Loaded& loaded, const std::string& text) {
    const auto& file = loaded.document->file;
    system::RealFiles files("", system::Links::asTyped);
    const auto path = std::filesystem::absolute(file).lexically_normal().string();
    const auto info = files.inspect(path);
    if (info.type != FileInfo::Type::regular ||
        view(files.read(path, system::kLargestFile)) != loaded.sources.at(file)) {
        throw Error(path + " was changed meanwhile", "run the command again");
    }
    files.write(path, text, info.mode, files.canChown() ? std::optional(info.owner) : std::nullopt);
}

void writeSealed(const source::Loaded& loaded, const spec::SealedEdits& edits) {
    const auto& document = *loaded.document;
    const auto after = spec::withSealed(loaded.sources.at(document.file), document.root, edits);
    auto expected = document.stack;
    for (const auto& [index, ciphertexts] : edits) {
        for (const auto& [name, ciphertext] : ciphertexts) {
            expected.secrets.at(index).sealed[name] = ciphertext;
        }
    }
    requireSameMeaning(loaded, after, expected);
    writeDocument(loaded, after);
}

}  // namespace vigie::cli
