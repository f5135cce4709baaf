package io.alphorn.registry.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which version a request goes to. */
class RouteTest {
  private static final Route CANARY = new Route(new TreeMap<>(Map.of(1L, 0.9, 2L, 0.1)));

  @Test
  void sharesAreAsAsked() {
    int requests = 10_000;
    SplittableRandom random = new SplittableRandom(7);
    int toCanary = 0;
    for (int i = 0; i < requests; i++) {
      toCanary += CANARY.pick(version -> true, random.nextDouble()).orElseThrow() == 2 ? 1 : 0;
    }
    double expected = requests * 0.1;
    double stable = requests * 0.9;
    double difference = toCanary - expected;
    double chiSquare = difference * difference / expected + difference * difference / stable;
    assertThat(chiSquare).as("99.9 % of fair splits are below 10.83").isLessThan(10.83);
  }

  @Test
  void aVersionThatDoesNotServeLeavesItsShare() {
    assertThat(CANARY.pick(version -> version == 2, 0.0)).contains(2L);
    assertThat(CANARY.pick(version -> version == 1, 0.999)).contains(1L);
    assertThat(CANARY.pick(version -> false, 0.5)).isEmpty();
  }

  @Test
  void theMainVersionHasTheGreatestShare() {
    assertThat(CANARY.main()).isEqualTo(1);
    assertThat(Route.to(7).main()).isEqualTo(7);
  }

  @Test
  void weightsNeedNotAddUpToOne() {
    Route halves = new Route(new TreeMap<>(Map.of(1L, 50.0, 2L, 50.0)));
    assertThat(halves.pick(version -> true, 0.49)).contains(1L);
    assertThat(halves.pick(version -> true, 0.51)).contains(2L);
  }
}
