// A service of which only the outside matters: it listens, answers and says that it is a stand-in. Told by
// its environment:
//   STANDIN_PORTS="8000 9127"   answers GET with 200 and one metric that counts requests, as Prometheus reads
//   it STANDIN_POST_PORTS="4318"   answers POST with 200 and anything else with 405, as an OTLP receiver does
//   STANDIN_EXIT_AFTER=3        ends after so many seconds, with STANDIN_EXIT_CODE (1): with a restart
//   policy, a crash loop
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { MAX_PORTS = 32 };
static struct pollfd listeners[MAX_PORTS];
static int post_only[MAX_PORTS];
static int count;
static int exit_code = 1;

// Process 1 of a container gets no signal that it does not handle: without this `docker stop` takes ten
// seconds.
static void on_term(int number) {
    (void)number;
    _exit(0);
}

static void on_alarm(int number) {
    (void)number;
    _exit(exit_code);
}

static void listen_on(int port, int only_post) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    if (fd < 0 || count == MAX_PORTS || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, (struct sockaddr*)&address, sizeof address) != 0 || listen(fd, 64) != 0) {
        perror("stand-in: listen");
        exit(2);
    }
    listeners[count] = (struct pollfd){.fd = fd, .events = POLLIN};
    post_only[count++] = only_post;
    printf("stand-in: listening on %d\n", port);
}

static void listen_on_all(const char* variable, int only_post) {
    const char* value = getenv(variable);
    char* text = strdup(value != NULL ? value : "");
    for (char* port = strtok(text, " "); port != NULL; port = strtok(NULL, " "))
        listen_on(atoi(port), only_post);
    free(text);
}

static void answer(int client, int only_post) {
    static unsigned long requests = 0;
    const struct timeval second = {.tv_sec = 1};
    char request[4096] = "", body[200], head[200];
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    if (read(client, request, sizeof request - 1) <= 0)
        return;
    const int good = strncmp(request, only_post ? "POST " : "GET ", only_post ? 5 : 4) == 0;
    const int length =
        snprintf(body, sizeof body,
                 "# This is a stand-in.\n# TYPE standin_requests_total counter\nstandin_requests_total %lu\n",
                 ++requests);
    const int head_length =
        snprintf(head, sizeof head,
                 "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %d\r\n"
                 "Connection: close\r\n\r\n",
                 good ? "200 OK" : "405 Method Not Allowed", length);
    if (write(client, head, (size_t)head_length) > 0 && write(client, body, (size_t)length) > 0)
        shutdown(client, SHUT_WR);
    // The rest of a POST: closing before it would reset the connection.
    while (read(client, request, sizeof request) > 0) {
    }
}

int main(void) {
    signal(SIGTERM, on_term);
    signal(SIGINT, on_term);
    signal(SIGALRM, on_alarm);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (getenv("STANDIN_EXIT_CODE") != NULL)
        exit_code = atoi(getenv("STANDIN_EXIT_CODE"));
    const char* after = getenv("STANDIN_EXIT_AFTER");
    if (after != NULL && atoi(after) == 0)
        return exit_code;
    if (after != NULL)
        alarm((unsigned)atoi(after));
    listen_on_all("STANDIN_PORTS", 0);
    listen_on_all("STANDIN_POST_PORTS", 1);
    for (;;) {
        poll(listeners, (nfds_t)count, -1);
        for (int i = 0; i < count; ++i) {
            const int client =
                (listeners[i].revents & POLLIN) != 0 ? accept(listeners[i].fd, NULL, NULL) : -1;
            if (client >= 0) {
                answer(client, post_only[i]);
                close(client);
            }
        }
    }
}
