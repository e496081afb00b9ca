// Tests controller/shared_secret.

#include "controller/shared_secret.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <sys/stat.h>

#include <filesystem>

namespace vigie::controller {
namespace {

const std::string kToken = "0123456789abcdef";

class File {
public:
    explicit File(const std::string& text, unsigned mode = 0600) : path(directory.write("token", text)) {
        ::chmod(path.c_str(), mode);
    }
    [[nodiscard]] std::string read() const {
        return std::string(view(readSharedSecret(path, "the token file")));
    }

    tests::TemporaryDirectory directory;
    std::string path;
};

TEST_CASE("a token file with one line is read without its line end", "[controller][token]") {
    CHECK(File(kToken).read() == kToken);
    CHECK(File(kToken + "\n").read() == kToken);
    CHECK(File(kToken, 0400).read() == kToken);
    CHECK(File(std::string(4096, 'x') + "\n").read().size() == 4096);
}

TEST_CASE("a token file that is short, long, empty or of several lines is refused and not quoted",
          "[controller][token]") {
    for (const auto& text :
         {std::string(), std::string("\n"), kToken.substr(1), kToken + "\nmore", kToken + "\r\n",
          kToken + " x", kToken + "\xc3\xa9", std::string(4097, 'x'), kToken + '\0'}) {
        try {
            static_cast<void>(File(text).read());
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(tests::contains(error.what(), "16 to 4096"));
            CHECK_FALSE(tests::contains(error.what(), kToken.substr(1)));
            CHECK(tests::contains(error.hint(), "umask 077"));
        }
    }
}

TEST_CASE("a token file that others can read, or that is no regular file, is refused",
          "[controller][token]") {
    for (const unsigned mode : {0640U, 0604U, 0620U, 0777U, 0610U}) {
        CHECK_THROWS_AS(File(kToken, mode).read(), Error);
    }
    const tests::TemporaryDirectory directory;
    CHECK_THROWS_AS(readSharedSecret(directory.path, "the token file"), Error);
    CHECK_THROWS_AS(readSharedSecret(directory.path + "/none", "the token file"), Error);
    const std::string pipe = directory.path + "/pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK_THROWS_AS(readSharedSecret(pipe, "the token file"), Error);
}

TEST_CASE("a bearer header is accepted only with the whole token", "[controller][token]") {
    CHECK(bears("Bearer " + kToken, kToken));
    CHECK(bears("bearer  " + kToken + " ", kToken));
    for (const auto& wrong :
         {std::string(), std::string("Bearer"), std::string("Bearer "), "Bearer " + kToken + "x",
          "Bearer " + kToken.substr(1), "Basic " + kToken, kToken, "Bearer\t" + kToken}) {
        INFO(wrong);
        CHECK_FALSE(bears(wrong, kToken));
    }
    CHECK_FALSE(bears("Bearer ", ""));
}

}  // namespace
}  // namespace vigie::controller
