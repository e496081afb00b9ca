// The only translation unit that sees spdlog.

#include "controller/spd_log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace vigie::controller {

LogReader readerOfStandardError() {
    struct stat found {};
    const char* stream = std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe): one thread yet
    return ::fstat(STDERR_FILENO, &found) == 0 && isJournal(stream, found.st_dev, found.st_ino)
               ? LogReader::journal
               : LogReader::person;
}

SpdLog::SpdLog(std::string host, LogFormat format, const system::Clock& clock)
    : host_(std::move(host)),
      format_(format),
      reader_(readerOfStandardError()),
      clock_(clock),
      logger_(std::make_shared<spdlog::logger>("vigie", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
    // The lines are whole already.
    logger_->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, ""));
    logger_->flush_on(spdlog::level::info);
}

std::string SpdLog::line(Severity severity, const std::string& text) const {
    return logLine(format_, reader_, severity, clock_.now(), host_, text);
}

void SpdLog::info(const std::string& text) {
    logger_->info("{}", line(Severity::info, text));
}

void SpdLog::warning(const std::string& text) {
    logger_->warn("{}", line(Severity::warning, text));
}

void SpdLog::error(const std::string& text) {
    logger_->error("{}", line(Severity::error, text));
}

}  // namespace vigie::controller
