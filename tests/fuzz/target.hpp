// What reads bytes of others, and must survive any of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vigie::fuzz {

/// One reader. It returns whatever the bytes are; a crash, a leak, a sanitizer's report or an exception that
/// leaves it is a finding.
struct Target {
    std::string name;  ///< of its corpus below tests/fuzz/corpus
    void (*run)(std::string_view bytes);
};

/// All of them, by name.
const std::vector<Target>& targets();

/// Several texts in one input, each behind a line `=== NAME`. What stands before the first such line is
/// dropped.
std::vector<std::pair<std::string, std::string>> partsOf(std::string_view bytes);

/// Stops the program: what `what` says did not hold.
void demand(bool holds, const char* what);

// One file each.
void document(std::string_view bytes);
void ruleFile(std::string_view bytes);
void targetFile(std::string_view bytes);
void templateFile(std::string_view bytes);
void sshSignature(std::string_view bytes);
void allowedSigners(std::string_view bytes);
void gitObject(std::string_view bytes);
void httpRequest(std::string_view bytes);
void webhook(std::string_view bytes);
void wgDump(std::string_view bytes);
void ufwRules(std::string_view bytes);
void composeConfig(std::string_view bytes);
void engineAnswers(std::string_view bytes);
void attachedContainer(std::string_view bytes);
void hostFacts(std::string_view bytes);
void peerStatus(std::string_view bytes);
void importedHost(std::string_view bytes);
void nativeConfiguration(std::string_view bytes);

}  // namespace vigie::fuzz
