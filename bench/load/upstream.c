// A fast keep-alive HTTP/1.1 upstream for proxy_bench.py and the loopback tests: one thread, epoll, prebuilt
// replies. usage: upstream PORT [NAME]. The first line on stdout is the port (0 takes a free one); answers
// carry `Server: NAME`. Paths: /1k /64k /1m (anything else: 2 bytes). Bodies (Content-Length or chunked) are
// drained.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    char* p;
    size_t n;
} reply;
enum state { HEAD, BODY, CHUNKS, REPLY };
typedef struct {
    int fd, close, epout;
    enum state st;
    size_t have;
    long long skip;
    const char* out;
    size_t left;
    char buf[32768];
} conn;
static reply replies[4];
static int ep;

static reply make(size_t body, const char* name) {
    char h[512];
    int n = snprintf(
        h, sizeof h,
        "HTTP/1.1 200 OK\r\nServer: %s\r\nDate: Mon, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: "
        "application/octet-stream\r\n"
        "Content-Length: %zu\r\nCache-Control: no-store\r\nETag: \"5f3c-1a2b3c4d\"\r\nX-Request-Id: "
        "7b1e5f0c9a3d4e21\r\n\r\n",
        name, body
    );
    reply r = {malloc(n + body), n + body};
    memcpy(r.p, h, n);
    memset(r.p + n, 'x', body);
    return r;
}
static void drop(conn* c) {
    close(c->fd);
    free(c);
}
static void want(conn* c, int out) {
    if (c->epout == out) return;
    c->epout = out;
    struct epoll_event e = {.events = out ? EPOLLOUT : EPOLLIN, .data.ptr = c};
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
}
// 1: all sent; 0: blocked; -1: dead
static int flush(conn* c) {
    while (c->left) {
        ssize_t k = send(c->fd, c->out, c->left, MSG_NOSIGNAL);
        if (k < 0) {
            if (errno == EAGAIN) {
                want(c, 1);
                return 0;
            }
            return -1;
        }
        c->out += k;
        c->left -= k;
    }
    want(c, 0);
    return 1;
}
static const char* field(const char* h, const char* end, const char* name) {
    size_t n = strlen(name);
    for (const char* p = h; p < end;) {
        const char* e = memchr(p, '\n', end - p);
        if (!e) return 0;
        if ((size_t)(e - p) > n && !strncasecmp(p, name, n)) return p + n;
        p = e + 1;
    }
    return 0;
}
static void eat(conn* c, size_t k) {
    memmove(c->buf, c->buf + k, c->have - k);
    c->have -= k;
}
// run the connection on what is buffered; -1: drop it
static int step(conn* c) {
    for (;;) switch (c->st) {
        case HEAD: {
            char* e = c->have ? memmem(c->buf, c->have, "\r\n\r\n", 4) : 0;
            if (!e) return c->have == sizeof c->buf ? -1 : 0;
            e += 2;
            const char *h = (char*)memchr(c->buf, '\n', e - c->buf) + 1,
                       *path = memchr(c->buf, ' ', e - c->buf), *v;
            reply* r = &replies[0];
            if (path++) {
                if (!strncmp(path, "/1k", 3))
                    r = &replies[1];
                else if (!strncmp(path, "/64k", 4))
                    r = &replies[2];
                else if (!strncmp(path, "/1m", 3))
                    r = &replies[3];
            }
            c->skip = (v = field(h, e, "Content-Length:")) ? atoll(v) : 0;
            c->st = field(h, e, "Transfer-Encoding:") ? CHUNKS : BODY;
            c->close = (v = field(h, e, "Connection:")) && !strncasecmp(v + (*v == ' '), "close", 5);
            c->out = r->p;
            c->left = r->n;
            eat(c, e + 2 - c->buf);
            break;
        }
        case BODY: {
            size_t k = c->have < (size_t)c->skip ? c->have : (size_t)c->skip;
            eat(c, k);
            if (c->skip -= k) return 0;
            c->st = REPLY;
            break;
        }
        case CHUNKS: {
            char* z = memmem(c->buf, c->have, "0\r\n\r\n", 5);
            if (!z) {
                if (c->have > 4) eat(c, c->have - 4);
                return 0;
            }
            eat(c, z + 5 - c->buf);
            c->st = REPLY;
            break;
        }
        case REPLY: {
            int r = flush(c);
            if (r <= 0) return r;
            if (c->close) return -1;
            c->st = HEAD;
        }
        }
}
int main(int argc, char** argv) {
    signal(SIGPIPE, SIG_IGN);
    const char* name = argc > 2 ? argv[2] : "bench";
    replies[0] = make(2, name);
    replies[1] = make(1024, name);
    replies[2] = make(65536, name);
    replies[3] = make(1 << 20, name);
    int l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in a = {
        .sin_family = AF_INET,
        .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(l, (void*)&a, sizeof a) || listen(l, 4096)) {
        perror("bind");
        return 1;
    }
    socklen_t size = sizeof a;
    getsockname(l, (void*)&a, &size);
    printf("%d\n", ntohs(a.sin_port));
    fflush(stdout);
    ep = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN}, ev[256];
    epoll_ctl(ep, EPOLL_CTL_ADD, l, &e);
    for (;;) {
        int n = epoll_wait(ep, ev, 256, -1);
        for (int i = 0; i < n; i++) {
            conn* c = ev[i].data.ptr;
            if (!c) {
                for (int fd; (fd = accept4(l, 0, 0, SOCK_NONBLOCK)) >= 0;) {
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    c = calloc(1, sizeof *c);
                    c->fd = fd;
                    struct epoll_event x = {.events = EPOLLIN, .data.ptr = c};
                    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &x);
                }
                continue;
            }
            if (c->st != REPLY) {
                ssize_t k = recv(c->fd, c->buf + c->have, sizeof c->buf - c->have, 0);
                if (k < 0 && errno == EAGAIN) continue;
                if (k <= 0) {
                    drop(c);
                    continue;
                }
                c->have += k;
            }
            if (step(c) < 0) drop(c);
        }
    }
}
