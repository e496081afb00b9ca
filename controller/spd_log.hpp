// A log that writes to standard error through spdlog.
#pragma once

#include "controller/log.hpp"
#include "controller/log_line.hpp"
#include "system/clock.hpp"

#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace vigie::controller {

/// Who reads our standard error. To be asked before there is a second thread.
LogReader readerOfStandardError();

/// Lines on standard error, from any thread.
class SpdLog : public Log {
public:
    SpdLog(std::string host, LogFormat format, const system::Clock& clock);

    void info(const std::string& text) override;
    void warning(const std::string& text) override;
    void error(const std::string& text) override;

private:
    [[nodiscard]] std::string line(Severity severity, const std::string& text) const;

    std::string host_;
    LogFormat format_;
    LogReader reader_;
    const system::Clock& clock_;
    std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace vigie::controller
