package io.alphorn.archive;

import java.util.List;
import java.util.Optional;

/** Files that layers keep beside their weights, by their path below {@code assets/}. */
interface Assets {
  Assets NONE =
      new Assets() {
        @Override
        public Optional<byte[]> find(String path) {
          return Optional.empty();
        }

        @Override
        public List<String> names() {
          return List.of();
        }
      };

  Optional<byte[]> find(String path);

  List<String> names();
}
