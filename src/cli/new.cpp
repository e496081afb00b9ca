// `vigie new`: a first document, from options or from questions.
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/new_document.hpp"
#include "cli/temporary_directory.hpp"
#include "cli/terminal.hpp"
#include "source/directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace vigie::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "stack.yaml";

std::string nameOf(const fs::path& directory) {
    const auto absolute = fs::absolute(directory).lexically_normal();
    const auto name = absolute.filename().empty() ? absolute.parent_path().filename() : absolute.filename();
    return name.string();
}

/// A directory has one document: another one beside it would make both unusable.
void requireNoDocument(const fs::path& directory) {
    std::error_code error;
    const auto status = fs::status(directory, error);
    if (status.type() == fs::file_type::not_found) {
        return;
    }
    if (error || status.type() != fs::file_type::directory) {
        throw Error(directory.string() + " is not a directory, or it cannot be created", "name a new one");
    }
    for (fs::directory_iterator each(directory, error), end; !error && each != end; each.increment(error)) {
        const auto extension = each->path().extension();
        if (extension == ".yaml" || extension == ".yml" || extension == ".json") {
            throw Error(each->path().string() + " exists already; `vigie new` overwrites nothing",
                        "name a new directory");
        }
    }
    if (error) {
        throw Error(directory.string() + ": " + error.message());
    }
}

NewStack fromOptions(const NewOptions& options) {
    NewStack out;
    for (const auto& host : options.hosts) {
        out.hosts.push_back(parseNewHost(host));
    }
    out.network = options.network;
    out.over = options.over;
    out.prometheus = options.prometheus;
    out.mail = options.mail;
    out.smarthost = options.smarthost;
    out.grafana = options.grafana;
    if (options.exporters != std::vector<std::string>{"none"}) {
        out.exporters = options.exporters;
    }
    return out;
}

std::vector<std::string> words(const std::string& line) {
    std::vector<std::string> out;
    for (const auto word : split(line, ' ')) {
        if (!trim(word).empty()) {
            out.emplace_back(trim(word));
        }
    }
    return out;
}

void askHosts(NewStack& stack, const std::string& network) {
    say("Hosts, one per line: the name, and its public address if it has one. An empty line ends the list.");
    for (;;) {
        const auto line = words(ask(stack.hosts.empty() ? "  host" : "  another host", ""));
        if (line.empty() && !stack.hosts.empty()) {
            break;
        }
        if (!line.empty()) {
            stack.hosts.push_back({line[0], line.size() > 1 ? line[1] : "", ""});
        }
    }
    stack.network = network;
    const auto reachable = std::any_of(stack.hosts.begin(), stack.hosts.end(),
                                       [](const NewHost& host) { return !host.endpoint.empty(); });
    if (stack.hosts.size() > 1 && !reachable) {
        say("No host has a public address, so something has to join them already.");
        stack.over = ask("An interface such as tailscale0, or a LAN such as 192.168.1.0/24", "tailscale0");
        for (auto& host : stack.hosts) {
            host.address = ask("  address of " + host.name + " in it", "");
        }
        return;
    }
    if (stack.hosts.size() > 1) {
        stack.network = ask("The tunnel's network", network);
        for (auto& host : stack.hosts) {
            host.address = ask("  address of " + host.name + " in it", "the next one");
            if (host.address == "the next one") {
                host.address.clear();
            }
        }
    }
}

NewStack fromQuestions(const NewOptions& options, const std::string& name) {
    NewStack out;
    out.name = ask("Name of the stack", name);
    askHosts(out, options.network);
    std::string home = out.hosts.back().name;
    for (const auto& host : out.hosts) {
        home = host.endpoint.empty() ? host.name : home;
    }
    out.prometheus = out.hosts.size() == 1 ? home : ask("Host on which Prometheus runs", home);
    out.mail = ask("Mail address for alerts", "none");
    if (out.mail == "none") {
        out.mail.clear();
    } else {
        out.smarthost = ask("  mail server", "smtp.example.org:587");
    }
    const auto exporters = words(ask("Exporters on every host: node, cadvisor, or none", "node"));
    for (const auto& each : exporters) {
        if (each != "none") {
            out.exporters.emplace_back(trim(split(each, ',')[0]));
        }
    }
    out.grafana = confirm("Grafana?");
    return out;
}

/// Whatever was asked for: what is written has no mistakes. Of a LAN it is a warning that nothing in it is
/// encrypted; whoever has one judges that, and `validate` goes on saying it.
void requireValid(const std::string& text, bool lan) {
    const TemporaryDirectory place;
    std::ofstream(place.path() + "/" + kFile) << text;
    const auto loaded = source::loadDirectory(place.path());
    std::vector<std::string> mistakes;
    for (const auto& each : loaded.diagnostics.all()) {
        if (each.severity == spec::Severity::error || (each.severity == spec::Severity::warning && !lan)) {
            mistakes.push_back(each.message + (each.hint.empty() ? "" : ": " + each.hint));
        }
    }
    if (!mistakes.empty()) {
        throw Error("these choices do not make a valid document:\n  " + join(mistakes, "\n  "),
                    "choose other values; nothing was written");
    }
}

/// Never over a file that is there.
void write(const fs::path& file, const std::string& text) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) {
        throw Error("cannot write " + file.string() + ": " +
                    std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
    }
    const auto written = ::write(fd, text.data(), text.size());
    const bool whole = written == static_cast<ssize_t>(text.size());
    if (::close(fd) != 0 || !whole) {
        ::unlink(file.c_str());
        throw Error("cannot write " + file.string());
    }
}

}  // namespace

int newDocument(const NewOptions& options) {
    const fs::path directory(options.directory);
    requireNoDocument(directory);
    const auto name = options.name.empty() ? nameOf(directory) : options.name;
    NewStack stack;
    if (!options.hosts.empty()) {
        stack = fromOptions(options);
        stack.name = name;
    } else if (isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1) {
        stack = fromQuestions(options, name);
    } else {
        throw Error("no hosts are given, and standard input is not a terminal, so you cannot be asked",
                    "write it like: vigie new " + options.directory + " --host vps@203.0.113.10 --host vm");
    }
    stack = complete(std::move(stack));
    const auto text = newDocument(stack);
    requireValid(text, stack.over.find('/') != std::string::npos);
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) {
        throw Error("cannot make " + directory.string() + ": " + error.message());
    }
    const auto file = directory / kFile;
    write(file, text);
    print("wrote " + file.string() + ": stack " + stack.name + ", " + count(stack.hosts.size(), "host") +
          ", Prometheus on " + stack.prometheus + "\n");
    print("next: edit the lines with TODO, then run `vigie plan --all-hosts " + directory.string() + "`\n");
    return kOk;
}

}  // namespace vigie::cli
