# The server alone: a Java runtime with the modules it uses, the program, ONNX Runtime's libraries.
#
#   docker build -t alphorn .
#   docker run -p 8501:8501 -p 8500:8500 -v "$PWD/models:/models" alphorn
#
# It runs as user 10001 on a read-only root; /models has to be writable by that user for uploads.

FROM docker.io/library/maven:3-eclipse-temurin-25 AS build
WORKDIR /src
COPY pom.xml ./
COPY .mvn .mvn
COPY proto proto
COPY src/main src/main
RUN --mount=type=cache,target=/root/.m2 \
    mvn --batch-mode --quiet package -Dquick -Dmaven.test.skip=true

# ONNX Runtime would unpack its libraries into /tmp at each start; they are laid out here once, those of
# this machine's architecture only.
RUN mkdir /native && cd /native \
    && case "$(uname -m)" in x86_64) arch=linux-x64 ;; *) arch=linux-aarch64 ;; esac \
    && jar --extract --file "$(ls /src/target/quarkus-app/lib/main/com.microsoft.onnxruntime.*.jar)" "ai/onnxruntime/native/$arch" \
    && mv "ai/onnxruntime/native/$arch"/* . && rm -r ai

# The modules that the program and its libraries name; jdk.jfr for recordings, jdk.zipfs for archives.
RUN jlink --output /runtime --no-header-files --no-man-pages --strip-java-debug-attributes --compress zip-6 \
    --add-modules java.base,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http,java.rmi,java.sql,java.xml,jdk.jfr,jdk.management,jdk.unsupported,jdk.zipfs


FROM docker.io/library/debian:stable-slim
COPY --from=build /runtime /opt/java
COPY --from=build /native /opt/alphorn/native
COPY --from=build /src/target/quarkus-app /opt/alphorn/app
RUN mkdir /models && chown 10001:10001 /models
ENV LANG=C.UTF-8
USER 10001:10001
EXPOSE 8501 8500
VOLUME /models
ENTRYPOINT ["/opt/java/bin/java", \
    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", \
    "-XX:+UseCompactObjectHeaders", "-XX:+ExitOnOutOfMemoryError", \
    "-Donnxruntime.native.path=/opt/alphorn/native", \
    "-jar", "/opt/alphorn/app/quarkus-run.jar"]
CMD ["serve", "--models", "/models"]
