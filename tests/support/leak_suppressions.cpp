// What the libraries below us leak at their own shutdown. Linked into helper programs of sanitizer builds,
// because helpers get no environment that could say it.

extern "C" const char*
__lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier): the sanitizer's name

extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
    return "leak:libgit2\nleak:libpcre2\nleak:libssh2\nleak:libmbed\nleak:libcrypto\n";
}

extern "C" const char* __asan_default_options();  // NOLINT(bugprone-reserved-identifier)

// The list of what was suppressed would go to standard error, which tests look at.
extern "C" const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
    return "print_suppressions=0";
}
