# Two stages: one that builds, and one with the program and the libraries that it is linked to.
FROM debian:bookworm-slim AS builder
WORKDIR /src
# The packages first, so that a change of the code does not install them again.
COPY dev ./
COPY .ci/packages.txt .ci/
RUN ./dev setup build && rm -rf /var/lib/apt/lists/*
COPY . .
ARG REVISION=
RUN cmake --preset release -DADIT_TESTS=OFF -DADIT_BENCH=OFF -DADIT_REVISION="$REVISION" \
    && cmake --build --preset release -j "$(nproc)" --target adit \
    && strip build/release/adit

FROM debian:bookworm-slim
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates libboost-context1.81.0 libboost-json1.81.0 libboost-url1.81.0 libbrotli1 libcrypt1 libmd0 libpcre2-8-0 \
        libprometheus-cpp-core1.0 libsodium23 libssl3 libstdc++6 libxxhash0 libyaml-cpp0.7 zlib1g \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log
COPY --from=builder /src/build/release/adit /usr/local/bin/adit
# A library that is missing here shows now, not when the image is run.
RUN adit version
# `adit demo` then binds its admin address for the outside too, with a token that it prints.
ENV ADIT_IN_IMAGE=1
USER 65532:65532
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK NONE
ENTRYPOINT ["adit"]
CMD ["demo"]
