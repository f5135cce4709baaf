package io.alphorn.api.drain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class InFlightTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final InFlight requests = new InFlight();

  @Test
  void noneAreWaitedForWhenNoneAreOn() throws Exception {
    requests.begin().orElseThrow().end();
    requests.close();

    assertThat(requests.awaitNone(Duration.ZERO)).isTrue();
  }

  @Test
  void waitsForThoseThatAreOn() throws Exception {
    InFlight.Request first = requests.begin().orElseThrow();
    InFlight.Request second = requests.begin().orElseThrow();
    requests.close();
    first.end();
    assertThat(requests.awaitNone(Duration.ZERO)).isFalse();

    CompletableFuture<Void> ended = CompletableFuture.runAsync(second::end);

    assertThat(requests.awaitNone(LONG)).isTrue();
    ended.join();
  }

  @Test
  void takesNoneOnceClosed() throws Exception {
    requests.close();

    assertThat(requests.begin()).isEmpty();
    assertThat(requests.awaitNone(Duration.ZERO)).isTrue();
  }

  @Test
  void anEndThatIsToldTwiceCountsOnce() {
    InFlight.Request first = requests.begin().orElseThrow();
    InFlight.Request second = requests.begin().orElseThrow();

    first.end();
    first.end();
    assertThat(requests.count()).isEqualTo(1);

    second.end();
    assertThat(requests.count()).isZero();
  }
}
