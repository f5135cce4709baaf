package io.alphorn.registry.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which versions a policy wants, the newest asked for first. */
class VersionPolicyTest {
  @Test
  void theLatestAreCounted() {
    VersionPolicy latest = new VersionPolicy.Latest(2);
    assertThat(latest.wants(9, 1)).isTrue();
    assertThat(latest.wants(8, 2)).isFalse();
  }

  @Test
  void allAreWanted() {
    assertThat(new VersionPolicy.All().wants(1, 1000)).isTrue();
  }

  @Test
  void specificOnesAreWantedWhereverTheyStand() {
    VersionPolicy specific = new VersionPolicy.Specific(new TreeSet<>(List.of(1L)));
    assertThat(specific.wants(1, 5)).isTrue();
    assertThat(specific.wants(2, 0)).isFalse();
  }
}
