package io.alphorn.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Keeps ONNX Runtime from reporting on its use. As it comes, 1.29 for Linux and macOS reads the
 * machine's id and the command line, keeps a database in the home folder and sends events to its
 * makers; and where the command line is longer than some 4000 characters, reading it ends the
 * process by a stack overflow. It asks the environment whether to do so, once, when it starts.
 */
final class Telemetry {
  private static final String DISABLED = "ORT_DISABLE_TELEMETRY";

  private Telemetry() {}

  /** Has to come before anything else of ONNX Runtime. A value that the operator set stays. */
  static void disable() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
    if (setenv.isEmpty()) {
      return; // Windows, where telemetry is an event source of the system's own.
    }
    MethodHandle set =
        linker.downcallHandle(
            setenv.get(), FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int keepExisting = 0;
      int result =
          (int)
              set.invokeExact(arena.allocateFrom(DISABLED), arena.allocateFrom("1"), keepExisting);
      if (result != 0) {
        throw new IllegalStateException("the environment has no room for " + DISABLED);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setenv cannot be called", e);
    }
  }
}
