package io.alphorn.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
  @Test
  void buffersHaveTheSizeThatWasAskedFor() {
    try (BufferPool.Lease lease = new BufferPool(1 << 20).lease()) {
      for (int bytes : new int[] {0, 1, 255, 256, 257, 100_000}) {
        ByteBuffer buffer = lease.allocate(bytes);
        assertThat(buffer.remaining()).isEqualTo(bytes);
        assertThat(buffer.capacity()).isEqualTo(bytes);
        assertThat(buffer.isDirect()).isTrue();
        assertThat(buffer.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
      }
    }
  }

  @Test
  void whatOneLeaseGivesBackTheNextUses() {
    BufferPool pool = new BufferPool(1 << 20);
    try (BufferPool.Lease lease = pool.lease()) {
      lease.allocate(1000).put(0, (byte) 7);
      assertThat(pool.keptBytes()).isZero();
    }
    assertThat(pool.keptBytes()).isEqualTo(1024);
    try (BufferPool.Lease lease = pool.lease()) {
      assertThat(lease.allocate(600).get(0)).isEqualTo((byte) 7);
      assertThat(lease.allocate(600).get(0)).isZero();
      assertThat(pool.keptBytes()).isZero();
    }
    assertThat(pool.keptBytes()).isEqualTo(2048);
  }

  @Test
  void noMoreIsKeptThanAllowed() {
    BufferPool pool = new BufferPool(1000);
    try (BufferPool.Lease lease = pool.lease()) {
      lease.allocate(512);
      lease.allocate(512);
    }
    assertThat(pool.keptBytes()).isEqualTo(512);
  }

  @Test
  void whatNoBufferHoldsIsRefused() {
    try (BufferPool.Lease lease = new BufferPool(0).lease()) {
      assertThatThrownBy(() -> lease.allocate(1L << 31))
          .isInstanceOfSatisfying(
              AlphornException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
    }
  }
}
