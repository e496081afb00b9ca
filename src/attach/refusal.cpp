// The sentences of refusal.

#include "attach/refusal.hpp"

#include "base/enum_text.hpp"
#include "base/one_line.hpp"
#include "base/text.hpp"

#include <array>

namespace vigie::attach {
namespace {

using Reason = Refusal::Reason;

constexpr std::array<EnumText<Reason>, 27> kNames = {{{Reason::noContainer, "NoContainer"},
                                                      {Reason::severalContainers, "SeveralContainers"},
                                                      {Reason::remoteEngine, "RemoteEngine"},
                                                      {Reason::unclearEngine, "UnclearEngine"},
                                                      {Reason::noProgram, "NoProgram"},
                                                      {Reason::severalPrograms, "SeveralPrograms"},
                                                      {Reason::changed, "Changed"},
                                                      {Reason::argumentsFile, "ArgumentsFile"},
                                                      {Reason::contradiction, "Contradiction"},
                                                      {Reason::scriptNotRunning, "ScriptNotRunning"},
                                                      {Reason::noMount, "NoMount"},
                                                      {Reason::generated, "Generated"},
                                                      {Reason::foreignVolume, "ForeignVolume"},
                                                      {Reason::ignoredSubpath, "IgnoredSubpath"},
                                                      {Reason::stale, "Stale"},
                                                      {Reason::linkOut, "LinkOut"},
                                                      {Reason::nested, "Nested"},
                                                      {Reason::missing, "Missing"},
                                                      {Reason::unreadable, "Unreadable"},
                                                      {Reason::forbiddenPlace, "ForbiddenPlace"},
                                                      {Reason::foreignPlace, "ForeignPlace"},
                                                      {Reason::password, "Password"},
                                                      {Reason::autoReload, "AutoReload"},
                                                      {Reason::noAddress, "NoAddress"},
                                                      {Reason::twoOwners, "TwoOwners"},
                                                      {Reason::wouldDrop, "WouldDrop"},
                                                      {Reason::otherVariables, "OtherVariables"}}};

/// Text of others, in a sentence.
std::string shown(std::string_view text) {
    constexpr std::size_t kLongest = 200;
    return oneLine(text, kLongest);
}

std::string restart(const Subject& subject) {
    return (subject.isUnit() ? "systemctl restart " : "docker compose restart ") + shown(subject.service);
}

std::string octal(std::uint32_t mode) {
    std::string out;
    constexpr unsigned kDigit = 3;
    for (unsigned shift = 4 * kDigit; shift > 0; shift -= kDigit) {
        out += static_cast<char>('0' + ((mode >> (shift - kDigit)) & 7U));
    }
    return out;
}

std::string userName(std::uint32_t uid) {
    return uid == 0 ? "root" : "uid " + std::to_string(uid);
}

}  // namespace

std::string Refusal::sentence() const {
    return hint.empty() ? what : what + " → " + hint;
}

std::string_view name(Refusal::Reason reason) {
    return textIn(kNames, reason);
}

Refusal noContainer(const Subject& subject) {
    if (subject.isUnit()) {
        return {
            Reason::noContainer, "unit " + shown(subject.service) + " does not run",
            "start it once (systemctl start " + shown(subject.service) + "); vigie attaches to what runs"};
    }
    return {
        Reason::noContainer,
        "service " + shown(subject.service) + " of project " + shown(subject.project) + " has no container",
        "start it once (docker compose up -d " + shown(subject.service) + "); vigie attaches to what runs"};
}

Refusal severalContainers(const Subject& subject, std::size_t containers) {
    return {Reason::severalContainers,
            "service " + shown(subject.service) + " runs " + std::to_string(containers) + " containers",
            "attach needs exactly one; give vigie one service per instance"};
}

Refusal remoteEngine() {
    return {Reason::remoteEngine, "attach needs /proc of the container; this engine is remote",
            "run vigie on the machine, and in the process namespace, in which the engine runs"};
}

Refusal unclearEngine(const Subject& subject) {
    return {
        Reason::unclearEngine,
        "what the engine says of " + shown(subject.service) + " cannot be used: it is no answer, or too long",
        "see docker inspect"};
}

Refusal noProgram(const Subject& subject, std::string_view program, const std::vector<std::string>& found) {
    std::vector<std::string> names;
    names.reserve(found.size());
    for (const auto& each : found) {
        names.push_back(shown(each));
    }
    return {Reason::noProgram,
            "no process " + shown(program) + " in " + shown(subject.service) +
                " (found: " + (names.empty() ? std::string("none") : joinSome(names, ", ")) + ")",
            "name the program"};
}

Refusal severalPrograms(const Subject& subject, std::string_view program, std::size_t processes) {
    return {Reason::severalPrograms,
            shown(subject.service) + " runs " + std::to_string(processes) + " processes " + shown(program),
            "attach needs exactly one; give vigie one service per instance"};
}

Refusal changedMeanwhile(const Subject& subject, std::string_view what) {
    return {Reason::changed, shown(subject.service) + " changed while it was looked at: " + shown(what),
            "nothing was done; vigie looks again"};
}

Refusal argumentsFile(const Subject& subject, std::string_view file) {
    return {Reason::argumentsFile,
            shown(subject.service) + " takes options from a file in the container (@" + shown(file) + ")",
            "write them in its command; vigie cannot see which configuration it reads"};
}

Refusal contradiction(const Subject& subject, std::string_view said, std::string_view created) {
    return {Reason::contradiction,
            shown(subject.service) + " says that it reads " + shown(said) +
                ", and its container was created to read " + shown(created),
            "its command line is not believed; " + restart(subject) + ", and find out who wrote it"};
}

Refusal scriptNotRunning(const Subject& subject, std::string_view script) {
    return {
        Reason::scriptNotRunning,
        shown(subject.service) + " does not run, and it is " + shown(script) + " that decides what it reads",
        "start it once (docker compose up -d " + shown(subject.service) + "); vigie attaches to what runs"};
}

Refusal noMount(const Subject& subject, std::string_view path) {
    const auto directory = path.substr(0, path.rfind('/'));
    const auto slash = directory.rfind('/');
    // /etc/prometheus is ./prometheus of the project.
    const std::string mount = slash == std::string_view::npos || slash + 1 == directory.size()
                                  ? "./" + shown(subject.service) + ":/etc/" + shown(subject.service)
                                  : "." + shown(directory.substr(slash)) + ":" + shown(directory);
    return {Reason::noMount,
            shown(subject.service) + " reads " + shown(path) +
                " from its image (or from compose configs: content)",
            "mount a directory: " + mount};
}

Refusal generated(const Subject& subject, std::string_view path) {
    return {Reason::generated,
            shown(subject.service) + " reads " + shown(path) + ", which its entrypoint writes at start",
            "attach cannot own a generated file"};
}

Refusal foreignVolume(std::string_view volume) {
    return {Reason::foreignVolume, "volume " + shown(volume) + " is not on this host's disk",
            "mount a directory, or a volume of the driver local"};
}

Refusal ignoredSubpath(std::string_view volume) {
    return {Reason::ignoredSubpath,
            "this engine ignores subpath: the whole volume " + shown(volume) + " is mounted",
            "mount a directory, or use Docker 25 or later"};
}

Refusal stale(const Subject& subject, std::string_view path, std::uint64_t container, std::uint64_t host) {
    return {Reason::stale,
            "the container still sees the old " + shown(path) + " (inode " + std::to_string(container) +
                ", host " + (host == 0 ? "none" : std::to_string(host)) +
                ") because the file/directory was replaced",
            restart(subject) + ", then again"};
}

Refusal staleRemoved(const Subject& subject, std::string_view path) {
    return {Reason::stale,
            "the container still sees the old " + shown(path) +
                ", which was removed on the host, because the directory was replaced",
            restart(subject) + ", then again"};
}

Refusal detached(const Subject& subject, std::string_view point) {
    return {Reason::stale,
            "the mount at " + shown(point) + " of " + shown(subject.service) +
                " was detached: on the host, what has its place was renamed over or removed",
            restart(subject) + ", then again"};
}

Refusal linkOut(std::string_view path, std::string_view target) {
    return {Reason::linkOut,
            shown(path) + " is a link to " + shown(target) +
                ", outside of the mounted directory: the container cannot follow it",
            "put the file itself there"};
}

Refusal nested(const Subject& subject, std::string_view path, std::string_view source) {
    return {Reason::nested,
            shown(path) + " is the place of another mount of " + shown(subject.service) +
                "; replacing it would detach that mount",
            "name the file " + shown(source) + " instead"};
}

Refusal missing(const Subject& subject, std::string_view path) {
    return {Reason::missing, shown(subject.service) + " reads " + shown(path) + ", and nothing is there",
            "make the file, or correct --config.file"};
}

Refusal unreadable(const Subject& subject, std::uint32_t uid, std::string_view path, std::uint32_t mode,
                   std::uint32_t owner) {
    return {Reason::unreadable,
            shown(subject.service) + " runs as " + userName(uid) + " and cannot read " + shown(path) + " (" +
                octal(mode) + " " + userName(owner) + ")",
            "let that user read it (chmod, chown)"};
}

Refusal forbiddenPlace(const Subject& subject, std::string_view path, std::string_view place) {
    return {
        Reason::forbiddenPlace,
        shown(subject.service) + " mounts " + shown(path) + ", and vigie writes nothing in " + shown(place),
        "mount a directory that has its configuration and nothing else"};
}

Refusal foreignPlace(const Subject& subject, std::string_view path, std::string_view directory) {
    return {Reason::foreignPlace,
            shown(subject.service) + " reads " + shown(path) +
                ", which is neither in the project's directory " +
                (directory.empty() ? std::string() : shown(directory) + " ") + "nor in a volume",
            "name that path in the document if it is meant"};
}

Refusal password(const Subject& subject) {
    return {Reason::password, shown(subject.service) + " asks for a password (--web.config.file)",
            "give attach.web.passwordFrom; without it a reload cannot be proved"};
}

Refusal autoReload(const Subject& subject) {
    return {Reason::autoReload,
            shown(subject.service) + " reloads by itself (auto-reload-config) and would read half a change",
            "remove the flag"};
}

Refusal noAddress(const Subject& subject, std::string_view listens) {
    return {Reason::noAddress,
            shown(subject.service) + " listens on " + shown(listens) +
                ", which is no numeric address with a port",
            "write a number in --web.listen-address"};
}

Refusal twoOwners(std::string_view path, std::string_view owner) {
    return {Reason::twoOwners, shown(path) + " is written by " + shown(owner), "name one owner"};
}

Refusal wouldDrop(const Subject& subject, const std::vector<std::string>& what) {
    std::vector<std::string> names;
    names.reserve(what.size());
    for (const auto& each : what) {
        names.push_back(shown(each));
    }
    return {Reason::wouldDrop,
            "the configuration of " + shown(subject.service) +
                " has what vigie would not write: " + joinSome(names, ", "),
            "take it into the document, or adopt"};
}

Refusal otherVariables(const Subject& subject) {
    return {Reason::otherVariables,
            "config --hash of your files is not what runs (" + shown(subject.service) + ")",
            "you started it with other files, versions or variables; vigie will not run up"};
}

}  // namespace vigie::attach
